#include "bench/gamma_problem.hpp"

namespace fa::bench {
namespace {

at::Tensor unit_rows(const at::Tensor& rows)
{
    return rows / rows.norm(2, {1}, /*keepdim=*/true);
}

/// Unit rows, and below them the direction of their mean, float32.
at::Tensor with_mean(const at::Tensor& rows)
{
    return at::cat({unit_rows(rows), unit_rows(rows.mean(0, true))}).to(at::kFloat).contiguous();
}

/// Errors of a softmax, which sum to zero.
at::Tensor softmax_errors(std::int64_t samples, std::int64_t classes)
{
    const auto probability = at::randn({samples, classes}, at::kDouble).softmax(1);
    const auto label = at::randint(classes, {samples, 1}, at::kLong);
    return probability - at::zeros_like(probability).scatter(1, label, 1.0);
}

diagnostics::GammaInputs random_batch(const GammaShape& shape)
{
    diagnostics::GammaInputs batch;
    std::vector<at::Tensor> norms;
    for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
        const auto gradient = at::randn({shape.batch_size, shape.width}, at::kDouble);
        batch.reference.push_back(with_mean(gradient));
        norms.push_back(gradient.norm(2, {1}));
    }
    const auto error = softmax_errors(shape.batch_size, shape.classes);
    batch.input = with_mean(error);
    batch.gradient_norm = at::stack(norms, 1).contiguous();
    batch.input_norm = error.norm(2, {1});
    return batch;
}

} // namespace

GammaProblem::GammaProblem(const GammaShape& shape) : shape(shape)
{
    at::manual_seed(1);
    for (std::int64_t b = 0; b < shape.batches(); ++b)
        batches.push_back(random_batch(shape));
    const auto layers = static_cast<std::size_t>(shape.layers);
    draws.shapes.assign(layers, {shape.width, shape.classes});
    draws.scale = diagnostics::default_feedback_scale(draws.shapes);
}

} // namespace fa::bench
