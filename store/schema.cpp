#include "store/schema.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace fa::store {

namespace {

constexpr std::array<DatasetDefinition, 34> datasets = {{
    {"samples/index", Element::i64, "sample", "1",
     "place of each evaluation sample in the test split, counted from 0"},
    {"samples/label", Element::i64, "sample", "1", "class of each evaluation sample"},
    {"samples/loss", Element::f64, "sample", "nat",
     "loss of each evaluation sample (mse: half the squared error, unit 1)"},
    {"accuracy/correct", Element::u8, "test_sample", "1",
     "1 where the first maximum of the logits is the label, on the whole test split; NaN logits are wrong"},
    {"norms/hidden", Element::f64, "sample layer", "1", "Euclidean norm of the hidden state h_l"},
    {"norms/gradient", Element::f64, "sample layer", "1",
     "Euclidean norm of the gradient of the sample's loss with respect to h_l, divided by 128 (the mean loss "
     "of a 128 batch)"},
    {"norms/error", Element::f64, "sample", "1",
     "Euclidean norm of the output error, the loss's gradient at the logits"},
    {"gamma/train", Element::f64, "sample layer", "cosine",
     "cosine between credit signal and gradient with the training feedback; NaN where one is zero or not "
     "finite"},
    {"gamma/centered_train", Element::f64, "sample layer", "cosine",
     "gamma/train against the gradient minus the mean gradient of the batch's defined samples; NaN where one "
     "is zero or not finite"},
    {"gamma/batchvec_train", Element::f64, "batch layer", "cosine",
     "cosine between the batch's summed credit signals and summed gradients, training feedback"},
    {"gamma/flat_train", Element::f64, "batch layer", "cosine",
     "cosine between credit signals and gradients of the batch flattened to one vector, training feedback"},
    {"gamma/concat_train", Element::f64, "sample", "cosine",
     "cosine between credit signal and gradient with the layers concatenated, training feedback"},
    {"gamma/train_histogram", Element::u64, "layer bin", "count",
     "defined values of gamma/train in 2048 equal bins on [-1, 1]; bin k is [-1 + k/1024, -1 + (k+1)/1024), "
     "the last closed"},
    {"gamma/fresh", Element::f32, "draw sample layer", "cosine",
     "cosine between credit signal and gradient for each fresh draw of the feedback; NaN where one is zero "
     "or not finite"},
    {"gamma/fresh_mean", Element::f32, "draw batch layer", "cosine",
     "mean of gamma over the batch's defined samples"},
    {"gamma/fresh_median", Element::f32, "draw batch layer", "cosine",
     "median of gamma over the batch's defined samples"},
    {"gamma/fresh_iqm", Element::f32, "draw batch layer", "cosine",
     "interquartile mean of gamma over the batch's defined samples"},
    {"gamma/fresh_angle", Element::f32, "draw batch layer", "radian",
     "mean over the batch's defined samples of the angle arccos(gamma)"},
    {"gamma/fresh_count", Element::f32, "draw batch layer", "count",
     "how many of the batch's samples have a defined gamma"},
    {"gamma/batchvec_fresh", Element::f32, "draw batch layer", "cosine",
     "cosine between the batch's summed credit signals and summed gradients, fresh draws"},
    {"gamma/flat_fresh", Element::f32, "draw batch layer", "cosine",
     "cosine between credit signals and gradients of the batch flattened to one vector, fresh draws"},
    {"gamma/concat_fresh", Element::f32, "draw sample", "cosine",
     "cosine between credit signal and gradient with the layers concatenated, fresh draws"},
    {"gamma/fresh_histogram", Element::u64, "layer bin", "count",
     "defined values of gamma over all fresh draws and samples, in the bins of gamma/train_histogram"},
    {"direction/cosine", Element::f64, "layer batch batch", "cosine",
     "cosines of the batches' mean gradients; their mean off the diagonal is the stability"},
    {"pitfalls/clamped_old", Element::f64, "sample layer", "cosine",
     "F.cosine_similarity of PyTorch up to 1.11, which clamps the product of norms at 1e-8, at the mean-loss "
     "scale; fresh draw 0 where the training feedback is unknown"},
    {"pitfalls/clamped_new", Element::f64, "sample layer", "cosine",
     "F.cosine_similarity of PyTorch since 1.12, which clamps each norm at 1e-8, at the mean-loss scale; "
     "fresh draw 0 where the training feedback is unknown"},
    {"pitfalls/fp16_gamma", Element::f64, "sample layer", "cosine",
     "gamma after the gradient was cast to fp16 at its mean-loss scale; fresh draw 0 where the training "
     "feedback is unknown"},
    {"pitfalls/fp16_lost", Element::f64, "sample layer", "1",
     "share of the gradient's nonzero entries that become zero in fp16; NaN where there were none"},
    {"pitfalls/bf16_gamma", Element::f64, "sample layer", "cosine",
     "gamma after the gradient was cast to bf16 at its mean-loss scale; fresh draw 0 where the training "
     "feedback is unknown"},
    {"pitfalls/bf16_lost", Element::f64, "sample layer", "1",
     "share of the gradient's nonzero entries that become zero in bf16; NaN where there were none"},
    {"pitfalls/float32_gamma", Element::f64, "sample layer", "cosine",
     "gamma by the usual float32 path: float32 forward, softmax minus onehot, backward of the loss; fresh "
     "draw 0 where the training feedback is unknown"},
    {"pitfalls/fp16_hidden_overflow", Element::f64, "sample layer", "1",
     "share of the entries of h_l beyond 65504, fp16's largest"},
    {"pitfalls/norm_minus_one", Element::f64, "batch layer", "1",
     "1/sum(1/abs(x)) over the batch's gradient at its mean-loss scale: what .norm(-1) returns for a norm"},
    {"relaxation/residual", Element::f64, "sample", "1",
     "norm of the energy's slope at the states where equilibrium propagation's relaxation ended, relative to "
     "that at the free states; gamma is undefined where it is 1 or more, or NaN"},
}};

constexpr std::uint64_t histogram_bins = 2048;

std::uint64_t axis_size(std::string_view axis, const RunAttributes& run)
{
    const auto size = [&]() -> std::int64_t {
        if (axis == "sample") {
            return run.samples();
        }
        if (axis == "layer") {
            return run.layers();
        }
        if (axis == "batch") {
            return run.batches;
        }
        if (axis == "draw") {
            return run.draws;
        }
        if (axis == "test_sample") {
            return run.test_samples;
        }
        if (axis == "class") {
            return run.classes;
        }
        return histogram_bins; // "bin", the only other word of the table
    }();
    if (size < 0) {
        throw std::invalid_argument("a run can't have " + std::to_string(size) + " along the axis " +
                                    std::string(axis));
    }
    return static_cast<std::uint64_t>(size);
}

} // namespace

std::size_t size_of(Element element)
{
    return element == Element::u8 ? 1 : element == Element::f32 ? 4 : 8;
}

std::span<const DatasetDefinition> run_datasets()
{
    return datasets;
}

const DatasetDefinition& dataset_definition(std::string_view name)
{
    const auto found =
        std::find_if(datasets.begin(), datasets.end(), [&](const auto& d) { return d.name == name; });
    if (found == datasets.end()) {
        throw std::out_of_range("a run file has no dataset '" + std::string(name) + "'");
    }
    return *found;
}

std::vector<std::uint64_t> shape_of(const DatasetDefinition& definition, const RunAttributes& run)
{
    std::vector<std::uint64_t> shape;
    std::string_view axes = definition.axes;
    while (!axes.empty()) {
        const std::size_t end = std::min(axes.find(' '), axes.size());
        shape.push_back(axis_size(axes.substr(0, end), run));
        axes.remove_prefix(std::min(end + 1, axes.size()));
    }
    return shape;
}

} // namespace fa::store
