#include "tests/gpu/gpu_test.hpp"

#include <cuda_runtime_api.h>

namespace fa::gpu_test {

int run(void (*test)(), int wanted)
{
    constexpr int skipped = 77;
    int found = 0;
    const cudaError_t error = cudaGetDeviceCount(&found);
    if (error != cudaSuccess || found < wanted) {
        std::printf("skipped: %s (%d wanted, %d found; CUDA: %s)\n",
                    found == 0 ? "no GPU here" : "too few GPUs here", wanted, found,
                    cudaGetErrorString(error));
        return skipped;
    }
    return result_of(test);
}

} // namespace fa::gpu_test
