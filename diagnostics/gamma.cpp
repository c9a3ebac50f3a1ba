#include "diagnostics/gamma.hpp"

namespace fa::diagnostics {

at::Tensor gamma(const SampleVectors& credit, const SampleVectors& reference)
{
    return (credit.unit * reference.unit).sum(1);
}

at::Tensor centered_gamma(const SampleVectors& credit, const SampleVectors& reference)
{
    const auto defined = (reference.norm > 0).logical_and(reference.norm.isfinite());
    const auto norm = at::where(defined, reference.norm, 0.0);
    // Lengths relative to the batch's largest: the mean of vectors of 1e-300 is as good as that of unit ones.
    const auto relative = norm / norm.amax();
    const auto rows = at::where(defined.unsqueeze(1), reference.unit * relative.unsqueeze(1), 0.0);
    const auto centred = rows - rows.sum(0, /*keepdim=*/true) / defined.sum();
    const auto undefined = defined.logical_not().unsqueeze(1);
    return gamma(credit, sample_vectors(centred.masked_fill(undefined, 0.0)));
}

} // namespace fa::diagnostics
