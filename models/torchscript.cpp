#include "models/torchscript.hpp"

#include "models/shown.hpp"
#include "models/torchscript_program.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace fa::models {
namespace {

constexpr const char* extra_file = "fa.safetensors";

class TorchScriptNetwork final : public Network {
  public:
    /// Runs it once on zeros.
    /// @param samples  shape of one input
    /// @param place    precision and device of the program's tensors
    TorchScriptNetwork(TorchScriptProgram program, const at::TensorOptions& place, Shape sample,
                       bool sample_recorded, std::string name)
        : program_(std::move(program)), place_(place), precision_(c10::typeMetaToScalarType(place.dtype())),
          sample_(std::move(sample)), sample_recorded_(sample_recorded), name_(std::move(name))
    {
        const at::AutoGradMode recorded(true); // as the audit runs it
        Shape two = sample_;
        two.insert(two.begin(), 2);
        const auto activations = forward(at::zeros(two, place_));
        classes_ = activations.logits.size(1);
        for (const auto& state : activations.hidden)
            widths_.push_back(sample_rows(state).size(1));
    }

    Activations forward(const at::Tensor& inputs) const override
    {
        auto activations = program_.forward(shaped(inputs));
        check(activations, inputs.size(0));
        return activations;
    }
    std::vector<std::int64_t> widths() const override { return widths_; }
    std::optional<std::int64_t> features() const override
    {
        return sample_recorded_ ? std::optional(numbers()) : std::nullopt;
    }
    std::int64_t classes() const override { return classes_; }
    std::string architecture() const override;
    std::unique_ptr<Network> to(const at::TensorOptions& place) const override;
    bool has_local_credit() const override { return program_.has_local_credit(); }
    std::vector<at::Tensor> local_credit(const at::Tensor& inputs, const at::Tensor& labels) const override;

  private:
    std::unique_ptr<TorchScriptNetwork> in_precision(at::ScalarType precision) const;
    std::unique_ptr<TorchScriptNetwork> on_device(at::Device device) const;
    std::int64_t numbers() const
    {
        return std::accumulate(sample_.begin(), sample_.end(), std::int64_t{1}, std::multiplies<>());
    }
    at::Tensor shaped(const at::Tensor& inputs) const;
    void check(const Activations& activations, std::int64_t samples) const;

    TorchScriptProgram program_;
    at::TensorOptions place_;
    at::ScalarType precision_;
    Shape sample_;
    bool sample_recorded_;
    std::string name_;
    std::vector<std::int64_t> widths_;
    std::int64_t classes_ = 0;
};

at::Tensor TorchScriptNetwork::shaped(const at::Tensor& inputs) const
{
    if (inputs.numel() != inputs.size(0) * numbers())
        throw std::invalid_argument("inputs have the shape " + shown(inputs.sizes()) +
                                    ", a sample of the network " + shown(sample_));
    Shape shape = sample_;
    shape.insert(shape.begin(), inputs.size(0));
    return inputs.reshape(shape);
}

void TorchScriptNetwork::check(const Activations& activations, std::int64_t samples) const
{
    const auto check_one = [&](const at::Tensor& tensor, const std::string& what, bool right_axes) {
        if (!right_axes || tensor.size(0) != samples)
            throw std::runtime_error("the archive's forward returns " + what + " of the shape " +
                                     shown(tensor.sizes()) + " for " + std::to_string(samples) + " samples");
        if (tensor.scalar_type() != precision_)
            throw PrecisionError("the archive computes " + what + " in " +
                                 c10::toString(tensor.scalar_type()) + " where " + c10::toString(precision_) +
                                 " is wanted");
    };
    check_one(activations.logits, "logits", activations.logits.dim() == 2);
    for (std::size_t l = 0; l < activations.hidden.size(); ++l)
        check_one(activations.hidden[l], "h_" + std::to_string(l), activations.hidden[l].dim() >= 2);
}

std::vector<at::Tensor> TorchScriptNetwork::local_credit(const at::Tensor& inputs,
                                                         const at::Tensor& labels) const
{
    auto credit = program_.local_credit(shaped(inputs), labels);
    if (credit.size() != widths_.size())
        throw std::runtime_error("the archive's local_credit returns " + std::to_string(credit.size()) +
                                 " signals for " + std::to_string(widths_.size()) + " layers");
    for (std::size_t l = 0; l < credit.size(); ++l) {
        credit[l] = sample_rows(credit[l]);
        if (credit[l].size(0) != inputs.size(0) || credit[l].size(1) != widths_[l])
            throw std::runtime_error("the archive's local_credit returns a_" + std::to_string(l) +
                                     " of the shape " + shown(credit[l].sizes()) + " where [" +
                                     std::to_string(inputs.size(0)) + ", " + std::to_string(widths_[l]) +
                                     "] was expected");
    }
    return credit;
}

std::string TorchScriptNetwork::architecture() const
{
    if (!name_.empty())
        return name_;
    std::string name = "torchscript";
    const auto first = widths_.front();
    if (std::all_of(widths_.begin(), widths_.end(), [&](auto width) { return width == first; }))
        return name.append("-")
            .append(std::to_string(widths_.size() - 1))
            .append("x")
            .append(std::to_string(first));
    for (const auto width : widths_)
        name.append("-").append(std::to_string(width));
    return name;
}

std::unique_ptr<TorchScriptNetwork> TorchScriptNetwork::in_precision(at::ScalarType precision) const
{
    const auto place = place_.dtype(precision);
    try {
        return std::make_unique<TorchScriptNetwork>(program_.cast(place), place, sample_, sample_recorded_,
                                                    name_);
    } catch (const std::runtime_error& error) {
        throw PrecisionError(std::string("can't be cast to ") + c10::toString(precision) + ": " +
                             error.what());
    }
}

std::unique_ptr<TorchScriptNetwork> TorchScriptNetwork::on_device(at::Device device) const
{
    const auto place = place_.device(device);
    try {
        return std::make_unique<TorchScriptNetwork>(program_.cast(place), place, sample_, sample_recorded_,
                                                    name_);
    } catch (const std::runtime_error& error) {
        throw DeviceError("can't be moved to " + device.str() + ": " + error.what() +
                          " (what its code makes or holds on another device stays there; --device cpu audits "
                          "it)");
    }
}

/// One thing after the other, so that an error says which of them can't be.
std::unique_ptr<Network> TorchScriptNetwork::to(const at::TensorOptions& place) const
{
    auto cast = in_precision(c10::typeMetaToScalarType(place.dtype_opt().value_or(place_.dtype())));
    const auto device = place.device_opt().value_or(place_.device());
    return device == place_.device() ? std::move(cast) : cast->on_device(device);
}

/// "3x32x32"
Shape parsed_shape(const std::string& text)
{
    constexpr std::int64_t largest = 1 << 24;
    Shape shape;
    for (std::string_view rest = text;;) {
        const auto word = rest.substr(0, rest.find('x'));
        std::int64_t size = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), size);
        if (problem != std::errc() || end != word.data() + word.size() || size < 1 || size > largest)
            throw CheckpointError("metadata input_shape is " + shown(text) +
                                  " where sizes like 3x32x32 were expected");
        shape.push_back(size);
        if (word.size() == rest.size())
            return shape;
        rest.remove_prefix(word.size() + 1);
    }
}

std::string value_of(const std::map<std::string, std::string>& metadata, const char* key)
{
    const auto found = metadata.find(key);
    return found == metadata.end() ? "" : found->second;
}

/// The module's tensors, with those of the extra file.
Checkpoint checkpoint_of(const TorchScriptProgram& program, const std::string& extra)
{
    Checkpoint checkpoint;
    if (!extra.empty())
        checkpoint = read_safetensors(std::as_bytes(std::span(extra)));
    checkpoint.tensors.merge(program.tensors());
    return checkpoint;
}

} // namespace

TorchScriptModel load_torchscript(std::span<const std::byte> bytes, const Shape& sample_shape)
{
    std::map<std::string, std::string> files = {{extra_file, ""}};
    const TorchScriptProgram program(bytes, files);
    TorchScriptModel model{nullptr, checkpoint_of(program, files.at(extra_file))};
    const auto recorded = value_of(model.checkpoint.metadata, "input_shape");
    const auto sample = recorded.empty() ? sample_shape : parsed_shape(recorded);
    auto precision = at::kFloat;
    for (const auto& [name, tensor] : program.tensors())
        if (tensor.is_floating_point())
            precision = c10::promoteTypes(precision, tensor.scalar_type());
    try {
        model.network = std::make_unique<TorchScriptNetwork>(
            program.cast(precision), precision, sample, !recorded.empty(),
            value_of(model.checkpoint.metadata, "architecture"));
    } catch (const std::exception& error) {
        throw CheckpointError(std::string(error.what()) + " (tried with 2 samples of zeros, each of shape " +
                              shown(sample) + ")");
    }
    return model;
}

} // namespace fa::models
