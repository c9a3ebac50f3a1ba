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

SampleVectors sample_vectors(const at::Tensor& rows)
{
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
    if (undefined.any().item<bool>())
        vectors.unit.masked_fill_(undefined.unsqueeze(1), nan);
    return vectors;
}

at::Tensor row_norms(const at::Tensor& rows)
{
    return sample_vectors(rows).norm;
}

} // namespace fa::diagnostics
