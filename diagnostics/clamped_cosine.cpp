#include "diagnostics/clamped_cosine.hpp"

namespace fa::diagnostics {
namespace {

/// length / max(length, eps)
at::Tensor shrinkage(const at::Tensor& length)
{
    return at::where(length < cosine_similarity_eps, length / cosine_similarity_eps, 1.0);
}

/// Γ is undefined where a norm is zero; the clamp makes a number of it there: 0.
at::Tensor zero_where_a_norm_is(const at::Tensor& credit_norm, const at::Tensor& reference_norm,
                                const at::Tensor& value)
{
    const auto zero = (credit_norm == 0).logical_or(reference_norm == 0);
    const auto finite = credit_norm.isfinite().logical_and(reference_norm.isfinite());
    return at::where(zero.logical_and(finite), 0.0, value);
}

} // namespace

at::Tensor clamped_cosine_old(const at::Tensor& cosine, const at::Tensor& credit_norm,
                              const at::Tensor& reference_norm)
{
    return zero_where_a_norm_is(credit_norm, reference_norm,
                                cosine * shrinkage(credit_norm * reference_norm));
}

at::Tensor clamped_cosine_new(const at::Tensor& cosine, const at::Tensor& credit_norm,
                              const at::Tensor& reference_norm)
{
    return zero_where_a_norm_is(credit_norm, reference_norm,
                                cosine * shrinkage(credit_norm) * shrinkage(reference_norm));
}

} // namespace fa::diagnostics
