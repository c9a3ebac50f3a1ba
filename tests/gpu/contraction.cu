#include "tests/gpu/contraction.hpp"

namespace fa::gpu_test {
namespace {

__global__ void kernel(const double* a, const double* b, const double* c, double* result, std::size_t count)
{
    const std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (i < count)
        result[i] = a[i] * b[i] + c[i];
}

} // namespace

void multiply_and_add(const double* a, const double* b, const double* c, double* result, std::size_t count)
{
    constexpr unsigned threads = 256;
    kernel<<<static_cast<unsigned>((count + threads - 1) / threads), threads>>>(a, b, c, result, count);
}

} // namespace fa::gpu_test
