#pragma once
#include <ATen/ATen.h>

namespace fa::diagnostics {

/// Pitfall 1: what `.norm(-1)` returns where `.norm(dim=-1)` was meant: the L₋₁ "norm" 1/Σ(1/|x|) of the
/// whole tensor, a scalar tensor. One zero entry makes it 0.
at::Tensor minus_one_norm(const at::Tensor& values);

} // namespace fa::diagnostics
