#pragma once
/// What makes numbers the same bits for the same shapes (design 7): threads, and the ways that libraries
/// choose by the environment or by trying.

#include <c10/core/Device.h>

namespace fa::harness {

/// The environment that MKL, cuBLAS and cuDNN read at their first call: before any other.
void fix_libraries();

/// LibTorch's own choices, before its first computation; the device becomes the current one.
void fix_numerics(int threads, at::Device device);

} // namespace fa::harness
