#include "diagnostics/direction.hpp"

#include "diagnostics/norms.hpp"

namespace fa::diagnostics {

at::Tensor direction_cosines(const std::vector<at::Tensor>& directions)
{
    const auto stacked = at::stack(directions).to(at::kCPU);
    const auto products = stacked.matmul(stacked.t());
    // A GEMM's two triangles need not agree to the last bit: the lower one stands for both.
    return canonical_nan(products.tril() + products.tril(-1).t());
}

} // namespace fa::diagnostics
