#include "diagnostics/half_precision.hpp"

#include <limits>

namespace fa::diagnostics {
namespace {

at::Tensor nan_where_row_is_not_finite(const at::Tensor& rows, const at::Tensor& share)
{
    const auto largest = rows.abs().amax(1); // NaN wins, so this is finite where the whole row is
    return at::where(largest.isfinite(), share, std::numeric_limits<double>::quiet_NaN());
}

} // namespace

at::Tensor through_half(const at::Tensor& gradient, at::ScalarType half)
{
    return gradient.to(at::kFloat).to(half).to(at::kDouble);
}

at::Tensor lost_share(const at::Tensor& before, const at::Tensor& after)
{
    const auto nonzero = before != 0;
    const auto lost = nonzero.logical_and(after == 0);
    return nan_where_row_is_not_finite(before, lost.sum(1).to(at::kDouble) / nonzero.sum(1)); // 0/0 is NaN
}

at::Tensor fp16_overflow_share(const at::Tensor& hidden)
{
    return nan_where_row_is_not_finite(hidden,
                                       (hidden.abs() > fp16_largest).sum(1).to(at::kDouble) / hidden.size(1));
}

} // namespace fa::diagnostics
