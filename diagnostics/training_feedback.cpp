#include "diagnostics/training_feedback.hpp"

#include "diagnostics/feedback_record.hpp"
#include "diagnostics/feedback_rule.hpp"
#include "jobs/sha256.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <stdexcept>
#include <variant>

namespace fa::diagnostics {
namespace {

static_assert(std::endian::native == std::endian::little, "feedback_sha256 hashes little-endian bytes");

using jobs::Distribution;
using models::Checkpoint;
using models::CheckpointError;

using models::MatrixShape;

void check_sizes(const std::vector<MatrixShape>& shapes, const std::vector<double>& scale, bool shared)
{
    if (scale.size() != shapes.size())
        throw std::invalid_argument(
            fmt::format("feedback of {} layers needs as many scales, not {}", shapes.size(), scale.size()));
    if (shared &&
        std::any_of(shapes.begin(), shapes.end(), [&](auto shape) { return shape != shapes.front(); }))
        throw std::invalid_argument("feedback_shared: one matrix for all layers needs equal shapes of all");
}

/// make(layer) for each layer, or layer 0's for all
template <typename Make>
std::vector<at::Tensor> by_layer(std::size_t layers, bool shared, const Make& make)
{
    std::vector<at::Tensor> matrices;
    for (std::size_t layer = 0; layer < layers; ++layer)
        matrices.push_back(shared && layer > 0 ? matrices.front() : make(layer));
    return matrices;
}

/// `feedback_shared`: a file may hold the one matrix as feedback.0 alone.
Checkpoint with_shared_feedback(Checkpoint checkpoint, std::size_t layers)
{
    const auto first = checkpoint.tensors.find("feedback.0");
    const bool alone = first != checkpoint.tensors.end() && !checkpoint.tensors.contains("feedback.1");
    for (std::size_t layer = 1; alone && layer < layers; ++layer)
        checkpoint.tensors.emplace(fmt::format("feedback.{}", layer), first->second);
    return checkpoint;
}

/// Why there are no matrices of every layer.
/// @param missing  the layers without one where others have one; empty: all
std::string reason_of_missing(const char* source, const std::vector<std::size_t>& missing)
{
    if (missing.empty())
        return fmt::format("{} no feedback matrices", source);
    return fmt::format("{} no feedback matri{} of layer{} {}, though of others", source,
                       missing.size() == 1 ? "x" : "ces", missing.size() == 1 ? "" : "s",
                       fmt::join(missing, ", "));
}

/// What training_feedback knows while it looks into the source that the manifest names.
class Search {
  public:
    Search(const jobs::RunSpec& spec, const Checkpoint& checkpoint, const Checkpoint* file,
           const std::vector<MatrixShape>& shapes)
        : spec_(spec), checkpoint_(checkpoint), file_(file), shapes_(shapes),
          record_(feedback_record(checkpoint, shapes.size(), spec.feedback_distribution))
    {
        trained_by_chain_ = record_.credit ? is_chain(propagation_of(*record_.credit)) : seems_a_chain();
        if (!is_of_this_credit())
            record_ = {};
    }

    TrainingFeedback result()
    {
        found_.distribution =
            spec_.feedback_distribution.value_or(record_.distribution.value_or(Distribution::normal));
        std::visit([&](const auto& source) { look(source); }, spec_.feedback);
        if (found_.scale.empty())
            found_.scale = scale_of_fresh_draws();
        if (!found_.matrices.empty())
            found_.sha256 = feedback_sha256(found_.matrices);
        else if (found_.distribution == Distribution::permute && spec_.credit != jobs::Credit::none)
            throw CheckpointError(
                fmt::format("feedback_distribution=permute shuffles the training feedback, which is not "
                            "known ({}); feedback_distribution=normal draws without it",
                            found_.reason));
        compare_hash();
        for (at::Tensor& matrix : found_.matrices)
            matrix = spec_.feedback_sign * matrix.to(at::kDouble);
        return std::move(found_);
    }

  private:
    const jobs::RunSpec& spec_;
    const Checkpoint& checkpoint_;
    const Checkpoint* file_;
    const std::vector<MatrixShape>& shapes_;
    FeedbackRecord record_;
    bool trained_by_chain_ = false;
    TrainingFeedback found_;

    /// Do the checkpoint's matrices and records speak of matrices of these shapes?
    bool is_of_this_credit() const { return is_chain(propagation_of(spec_.credit)) == trained_by_chain_; }

    /// Where no rule is recorded (as in what torch.save wrote) the first layer's shape tells: [d_0, d_1] of a
    /// chain, however it lies, [d_0, C] else. Where it could be both the manifest's credit counts.
    bool seems_a_chain() const
    {
        const auto first = checkpoint_.tensors.find("feedback.0");
        if (!is_chain(propagation_of(spec_.credit)) || first == checkpoint_.tensors.end() || shapes_.empty())
            return is_chain(propagation_of(spec_.credit));
        const auto [rows, columns] = shapes_.front();
        const auto sizes = first->second.sizes();
        return sizes == at::IntArrayRef({rows, columns}) || sizes == at::IntArrayRef({columns, rows});
    }

    void look(const jobs::NoFeedback&) { found_.reason = "the manifest says feedback=none"; }

    void look(const jobs::StoredFeedback&)
    {
        if (!is_of_this_credit()) {
            found_.reason =
                fmt::format("the checkpoint was trained with other feedback than that of credit={}",
                            jobs::to_string(spec_.credit));
            return;
        }
        found_.matrices = matrices_of(checkpoint_);
        found_.verified = !found_.matrices.empty();
        if (!found_.matrices.empty())
            return;
        found_.reason = reason_of_missing("the checkpoint stores", missing_in(checkpoint_));
        if (record_.seed)
            found_.reason +=
                fmt::format(" (its record would let feedback=seed:{} regenerate them)", *record_.seed);
    }

    void look(const jobs::FileFeedback& source)
    {
        if (file_ == nullptr)
            throw std::invalid_argument("feedback=FILE needs the file's contents");
        found_.matrices = matrices_of(*file_);
        if (const auto missing = missing_in(*file_); found_.matrices.empty() && !missing.empty()) {
            found_.reason = reason_of_missing("the file has", missing);
            return;
        }
        if (found_.matrices.empty())
            throw CheckpointError(fmt::format("feedback={}: the file has no tensors feedback.0 … feedback.{}",
                                              source.path.string(), shapes_.size() - 1));
        const auto own = file_->metadata.find("feedback_sha256");
        const std::string hash = feedback_sha256(found_.matrices);
        if (own != file_->metadata.end() && own->second != hash)
            throw CheckpointError(
                fmt::format("feedback={}: the file records feedback_sha256 {}, but its matrices have {}",
                            source.path.string(), own->second, hash));
        found_.verified = record_.sha256.has_value();
    }

    void look(const jobs::SeededFeedback& source)
    {
        found_.scale = record_.scale.empty() ? default_feedback_scale(shapes_) : record_.scale;
        const Distribution distribution = trained_distribution();
        if (source.generator == jobs::SeededFeedback::Generator::ours) {
            found_.matrices =
                seeded_feedback(source.seed, distribution, shapes_, found_.scale, spec_.feedback_shared);
        } else {
            if (distribution != Distribution::normal)
                throw CheckpointError(
                    fmt::format("feedback={} regenerates normals by torch.randn; feedback_distribution={} "
                                "contradicts it",
                                jobs::to_string(spec_.feedback), jobs::to_string(distribution)));
            found_.matrices = torch_feedback(source.seed, shapes_, found_.scale, spec_.feedback_shared);
        }
        found_.verified = record_.sha256.has_value();
    }

    /// `permute` speaks of the fresh draws only.
    Distribution trained_distribution() const
    {
        for (const auto& said : {spec_.feedback_distribution, record_.distribution})
            if (said && *said != Distribution::permute)
                return *said;
        return Distribution::normal;
    }

    std::vector<double> scale_of_fresh_draws() const
    {
        if (!record_.scale.empty())
            return record_.scale;
        std::vector<double> scale = default_feedback_scale(shapes_);
        for (std::size_t layer = 0; layer < found_.matrices.size(); ++layer) {
            const double mean_square = found_.matrices[layer].square().mean().item<double>();
            if (std::isfinite(mean_square) && mean_square > 0.0)
                scale[layer] = std::sqrt(mean_square);
        }
        return scale;
    }

    std::vector<at::Tensor> matrices_of(const Checkpoint& checkpoint) const
    {
        if (!spec_.feedback_shared)
            return models::stored_feedback(checkpoint, shapes_);
        const auto matrices =
            models::stored_feedback(with_shared_feedback(checkpoint, shapes_.size()), shapes_);
        for (std::size_t layer = 1; layer < matrices.size(); ++layer)
            if (!at::equal(matrices[layer], matrices.front()))
                throw CheckpointError(
                    fmt::format("feedback_shared says that all layers have one feedback matrix, but "
                                "feedback.{} differs from feedback.0",
                                layer));
        return matrices;
    }

    std::vector<std::size_t> missing_in(const Checkpoint& checkpoint) const
    {
        return models::missing_feedback(
            spec_.feedback_shared ? with_shared_feedback(checkpoint, shapes_.size()) : checkpoint,
            shapes_.size());
    }

    void compare_hash() const
    {
        if (found_.matrices.empty() || !record_.sha256 || *record_.sha256 == found_.sha256)
            return;
        throw CheckpointError(
            fmt::format("feedback={}: the checkpoint records feedback_sha256 {}, but these matrices have "
                        "{}; they are not the ones it was trained with",
                        jobs::to_string(spec_.feedback), *record_.sha256, found_.sha256));
    }
};

} // namespace

TrainingFeedback training_feedback(const jobs::RunSpec& spec, const Checkpoint& checkpoint,
                                   const Checkpoint* file_checkpoint, const std::vector<MatrixShape>& shapes)
{
    return Search(spec, checkpoint, file_checkpoint, shapes).result();
}

DrawSpec fresh_draws(const jobs::RunSpec& spec, const TrainingFeedback& feedback,
                     const std::vector<MatrixShape>& shapes, Propagation propagation)
{
    DrawSpec draws{.seed = spec.draw_seed,
                   .distribution = feedback.distribution,
                   .propagation = propagation,
                   .shapes = shapes,
                   .scale = feedback.scale,
                   .shared = spec.feedback_shared,
                   .permuted = {}};
    if (feedback.distribution == Distribution::permute)
        for (const at::Tensor& matrix : feedback.matrices)
            draws.permuted.push_back(spec.feedback_sign * matrix);
    return draws;
}

std::vector<at::Tensor> seeded_feedback(std::uint64_t seed, Distribution distribution,
                                        const std::vector<MatrixShape>& shapes,
                                        const std::vector<double>& scale, bool shared)
{
    check_sizes(shapes, scale, shared);
    return by_layer(shapes.size(), shared, [&](std::size_t layer) {
        at::Tensor matrix = at::empty(shapes[layer], at::kFloat);
        const random::Stream stream{.seed = seed,
                                    .purpose = random::Purpose::training,
                                    .draw = 0,
                                    .layer = static_cast<std::uint32_t>(layer)};
        fill_matrix(distribution, stream, shapes[layer], scale[layer],
                    {matrix.mutable_data_ptr<float>(), static_cast<std::size_t>(matrix.numel())});
        return matrix;
    });
}

std::vector<at::Tensor> torch_feedback(std::uint64_t seed, const std::vector<MatrixShape>& shapes,
                                       const std::vector<double>& scale, bool shared)
{
    check_sizes(shapes, scale, shared);
    at::Generator generator = at::detail::createCPUGenerator(seed);
    return by_layer(shapes.size(), shared, [&](std::size_t layer) {
        return at::randn(shapes[layer], generator, at::TensorOptions(at::kFloat)) * scale[layer];
    });
}

std::string feedback_sha256(const std::vector<at::Tensor>& matrices)
{
    jobs::Sha256 hash;
    for (const at::Tensor& matrix : matrices) {
        const at::Tensor entries = matrix.detach().to(at::kCPU, at::kFloat).contiguous();
        hash.update(std::as_bytes(
            std::span(entries.const_data_ptr<float>(), static_cast<std::size_t>(entries.numel()))));
    }
    return hash.hex();
}

} // namespace fa::diagnostics
