#include "diagnostics/norms.hpp"

#include "diagnostics/norms_kernel.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
}

at::Tensor canonical_nan(const at::Tensor& values)
{
    return values.masked_fill(values.isnan(), nan);
}

SampleVectors sample_vectors_by_operations(const at::Tensor& rows)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto largest = rows.abs().amax(1, /*keepdim=*/true); // NaN if there is one
    const auto measurable = (largest > 0).logical_and(largest < infinity);
    const auto relative = rows / at::where(measurable, largest, 1.0);
    const auto length = relative.square().sum(1, /*keepdim=*/true).sqrt();
    const auto norm = at::where(measurable, length * largest, largest);
    const auto has_direction = (norm > 0).logical_and(norm < infinity);
    return {.unit = at::where(has_direction, relative / length, nan), .norm = norm.squeeze(1)};
}

SampleVectors sample_vectors(const at::Tensor& rows)
{
    if (!rows.is_cpu())
        return sample_vectors_by_operations(rows);
    static const NormsKernel& kernel = norms_kernel_for(random::fastest_instruction_set());
    const auto contiguous = rows.contiguous();
    SampleVectors vectors{.unit = at::empty_like(contiguous),
                          .norm = at::empty({rows.size(0)}, rows.options())};
    kernel.sample_vectors(contiguous.const_data_ptr<double>(), rows.size(0), rows.size(1),
                          vectors.unit.mutable_data_ptr<double>(), vectors.norm.mutable_data_ptr<double>());
    return vectors;
}

SampleVectors sample_vectors(const at::Tensor& rows, const at::Tensor& factor)
{
    auto vectors = sample_vectors(rows);
    vectors.norm = vectors.norm * factor;
    const auto undefined = ((factor > 0).logical_and(factor.isfinite())).logical_not();
    // To ask whether there are any saves a pass over the rows; elsewhere it would make the host wait.
    if (!undefined.is_cpu() || undefined.any().item<bool>())
        vectors.unit.masked_fill_(undefined.unsqueeze(1), nan);
    return vectors;
}

at::Tensor row_norms(const at::Tensor& rows)
{
    return sample_vectors(rows).norm;
}

} // namespace fa::diagnostics
