#include "diagnostics/norms.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
}

at::Tensor canonical_nan(const at::Tensor& values)
{
    return values.masked_fill(values.isnan(), nan);
}

SampleVectors sample_vectors(const at::Tensor& rows)
{
    const auto largest = rows.abs().amax(1); // NaN wins
    const auto relative = rows / largest.unsqueeze(1);
    const auto length = (relative * relative).sum(1).sqrt();
    const auto norm = at::where((largest > 0).logical_and(largest.isfinite()), length * largest, largest);
    const auto defined = (norm > 0).logical_and(norm.isfinite());
    // Whatever is divided by NaN is NaN: cheaper than a choice for every entry.
    return {.unit = relative / at::where(defined, length, nan).unsqueeze(1), .norm = norm};
}

SampleVectors sample_vectors(const at::Tensor& rows, const at::Tensor& factor)
{
    auto vectors = sample_vectors(rows);
    vectors.norm = vectors.norm * factor;
    const auto defined = (factor > 0).logical_and(factor.isfinite());
    vectors.unit = vectors.unit * at::where(defined, 1.0, nan).to(rows.scalar_type()).unsqueeze(1);
    return vectors;
}

at::Tensor row_norms(const at::Tensor& rows)
{
    return sample_vectors(rows).norm;
}

} // namespace fa::diagnostics
