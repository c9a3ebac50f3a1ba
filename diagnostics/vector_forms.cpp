#include "diagnostics/vector_forms.hpp"

namespace fa::diagnostics {

at::Tensor mean_direction(const SampleVectors& vectors)
{
    // Relative to the longest: the squares of 1e-65 and of 1e+20 must both survive. Where the longest is NaN
    // or infinite, so is the sum.
    const auto relative = vectors.norm / vectors.norm.amax();
    const auto rows = at::where((vectors.norm == 0).unsqueeze(1), 0.0, vectors.unit * relative.unsqueeze(1));
    return sample_vectors(rows.sum(0, /*keepdim=*/true)).unit.squeeze(0);
}

at::Tensor batchvec(const SampleVectors& credit, const SampleVectors& reference)
{
    return (mean_direction(credit) * mean_direction(reference)).sum();
}

at::Tensor combined_cosine(const at::Tensor& cosine, const at::Tensor& credit_norm,
                           const at::Tensor& reference_norm, std::int64_t axis)
{
    const auto credit = credit_norm / credit_norm.amax(axis, /*keepdim=*/true);
    const auto reference = reference_norm / reference_norm.amax(axis, /*keepdim=*/true);
    const auto zero = (credit_norm == 0).logical_or(reference_norm == 0);
    const auto products = at::where(zero, 0.0, cosine * credit * reference);
    return products.sum(axis) /
           ((credit * credit).sum(axis).sqrt() * (reference * reference).sum(axis).sqrt());
}

} // namespace fa::diagnostics
