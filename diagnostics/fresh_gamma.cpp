#include "diagnostics/fresh_gamma.hpp"

#include "diagnostics/fresh_vector_forms.hpp"
#include "diagnostics/layer_products.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace fa::diagnostics {
namespace {

void check(const GammaInputs& batch, const DrawBlock& draws)
{
    const std::size_t layers = batch.reference.size();
    if (layers == 0 || draws.columns.size() != layers)
        throw std::invalid_argument(
            fmt::format("the batch has {} layers and the draws have {}", layers, draws.columns.size()));
    const std::int64_t rows = batch.error.size(0), samples = rows - 1;
    if (batch.error.size(1) != draws.classes)
        throw std::invalid_argument(fmt::format("the batch has {} classes and the draws have {}",
                                                batch.error.size(1), draws.classes));
    if (batch.error_norm.sizes() != at::IntArrayRef{samples} ||
        batch.gradient_norm.sizes() != at::IntArrayRef{samples, static_cast<std::int64_t>(layers)})
        throw std::invalid_argument("the batch's norms don't have one value per sample and layer");
    for (std::size_t layer = 0; layer < layers; ++layer) {
        const at::Tensor& reference = batch.reference[layer];
        const at::Tensor& columns = draws.columns[layer];
        if (reference.size(0) != rows || reference.size(1) != columns.size(0) ||
            columns.size(1) != draws.draws.size() * draws.classes)
            throw std::invalid_argument(fmt::format(
                "layer {}: gradients [{}, {}] and {} draws [{}, {}] don't fit {} rows of {} classes", layer,
                reference.size(0), reference.size(1), draws.draws.size(), columns.size(0), columns.size(1),
                rows, draws.classes));
    }
}

/// from [rows, columns] to [columns, rows], the elements of the result `stride` apart
void transpose(const float* from, std::int64_t rows, std::int64_t columns, float* to, std::int64_t stride)
{
    for (std::int64_t r = 0; r < columns; ++r)
        for (std::int64_t i = 0; i < rows; ++i)
            to[(r * rows + i) * stride] = from[i * columns + r];
}

} // namespace

FreshGamma gamma_of_draws(const GammaInputs& batch, const DrawBlock& draws)
{
    check(batch, draws);
    const auto layers = static_cast<std::int64_t>(batch.reference.size());
    const std::int64_t samples = batch.error_norm.size(0), count = draws.draws.size();
    FreshGamma result{.gamma = at::empty({count, samples, layers}, at::kFloat),
                      .batchvec = at::empty({count, layers}, at::kFloat),
                      .flat = at::empty({count, layers}, at::kFloat),
                      .concat = at::empty({count, samples}, at::kFloat)};

    const BatchError error(batch.error, draws);
    FreshVectorForms forms(batch.gradient_norm, batch.error_norm, count);
    LayerProducts products(samples + 1, count);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        const auto index = static_cast<std::size_t>(layer);
        multiply(batch.reference[index].contiguous(), error, draws, index, products);
        const float* of_samples = products.gamma.data();
        const float* of_mean = of_samples + samples * count; // the last row: the batch's mean vectors
        const std::vector<float> flat = forms.add_layer(index, products);
        transpose(of_samples, samples, count, result.gamma.mutable_data_ptr<float>() + layer, layers);
        transpose(of_mean, 1, count, result.batchvec.mutable_data_ptr<float>() + layer, layers);
        transpose(flat.data(), 1, count, result.flat.mutable_data_ptr<float>() + layer, layers);
    }
    const std::vector<float> concat = forms.concat();
    transpose(concat.data(), samples, count, result.concat.mutable_data_ptr<float>(), 1);
    return result;
}

} // namespace fa::diagnostics
