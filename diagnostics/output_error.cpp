#include "diagnostics/output_error.hpp"

#include "diagnostics/norms.hpp"

namespace fa::diagnostics {
namespace {

struct LossAndError {
    at::Tensor loss;
    at::Tensor error;
};

LossAndError cross_entropy(const at::Tensor& logits, const at::Tensor& label_column)
{
    const auto log_probability = logits.log_softmax(1);
    const auto others = log_probability.exp().scatter(1, label_column, 0.0); // p_j for j ≠ y, 0 at y
    const auto missing = others.sum(1, /*keepdim=*/true); // 1 − p_y, without the subtraction
    // −log p_y, which rounds to 0 for a confident network; log1p of what is missing does not.
    const auto loss =
        at::where(missing < 0.5, -(-missing).log1p(), -log_probability.gather(1, label_column)).squeeze(1);
    return {.loss = loss, .error = others.scatter(1, label_column, -missing)};
}

LossAndError mean_squared(const at::Tensor& logits, const at::Tensor& label_column)
{
    const auto error = logits - at::zeros_like(logits).scatter(1, label_column, 1.0);
    return {.loss = 0.5 * (error * error).sum(1), .error = error};
}

} // namespace

OutputError output_error(const at::Tensor& logits, const at::Tensor& labels, jobs::Loss loss)
{
    const at::NoGradGuard constant; // ê is a constant of the seeded backward
    const auto in_double = logits.detach().to(at::kDouble);
    const auto label_column = labels.to(in_double.device(), at::kLong).unsqueeze(1);
    const auto [value, error] = loss == jobs::Loss::mse ? mean_squared(in_double, label_column)
                                                        : cross_entropy(in_double, label_column);
    return known_output_error(value, error);
}

OutputError known_output_error(const at::Tensor& loss, const at::Tensor& error)
{
    const auto vectors = sample_vectors(error);
    const auto unit = at::where((vectors.norm == 0).unsqueeze(1), 0.0, vectors.unit);
    return {.loss = loss, .error = error, .norm = vectors.norm, .unit = unit};
}

at::Tensor correct(const at::Tensor& logits, const at::Tensor& labels)
{
    const at::NoGradGuard constant;
    // argmax takes the first of equal maxima, but takes NaN for the largest of all.
    const auto predicted = logits.argmax(1);
    const auto right = predicted.eq(labels.to(logits.device(), at::kLong));
    return right.logical_and(logits.isnan().any(1).logical_not()).to(at::kByte);
}

} // namespace fa::diagnostics
