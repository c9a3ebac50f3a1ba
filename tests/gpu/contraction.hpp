#pragma once
#include <cstddef>

namespace fa::gpu_test {

/// a·b + c of each element, computed by a kernel of ours; pointers are the device's.
void multiply_and_add(const double* a, const double* b, const double* c, double* result, std::size_t count);

} // namespace fa::gpu_test
