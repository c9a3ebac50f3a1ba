#include "diagnostics/minus_one_norm.hpp"

namespace fa::diagnostics {

at::Tensor minus_one_norm(const at::Tensor& values)
{
    return values.abs().reciprocal().sum().reciprocal();
}

} // namespace fa::diagnostics
