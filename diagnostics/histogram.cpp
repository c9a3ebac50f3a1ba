#include "diagnostics/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace fa::diagnostics {
namespace {

/// A product with a power of two is exact in either precision, so no value crosses a bin's edge by rounding.
template <typename Number>
void count(const at::Tensor& gamma, std::int64_t* counts)
{
    const at::Tensor values = gamma.flatten(); // a view where strides allow it
    const Number* value = values.const_data_ptr<Number>();
    for (std::int64_t k = 0; k < values.numel(); ++k, value += values.stride(0)) {
        if (std::isnan(*value))
            continue;
        const Number bin = std::floor(*value * 1024) + 1024;
        ++counts[static_cast<std::int64_t>(std::clamp<Number>(bin, 0, histogram_bins - 1))];
    }
}

} // namespace

void add_to_histogram(const at::Tensor& gamma, at::Tensor& counts)
{
    if (gamma.scalar_type() == at::kFloat)
        count<float>(gamma, counts.mutable_data_ptr<std::int64_t>());
    else
        count<double>(gamma, counts.mutable_data_ptr<std::int64_t>());
}

} // namespace fa::diagnostics
