#include "diagnostics/histogram.hpp"

namespace fa::diagnostics {

void add_to_histogram(const at::Tensor& gamma, at::Tensor& counts)
{
    const auto defined = gamma.masked_select(gamma.isnan().logical_not());
    // A product with a power of two is exact in either precision, so no value crosses a bin's edge by
    // rounding.
    const auto bin = (defined * 1024).floor().add(1024).clamp(0, histogram_bins - 1).to(at::kLong);
    counts.add_(bin.bincount({}, histogram_bins).to(counts.device()));
}

} // namespace fa::diagnostics
