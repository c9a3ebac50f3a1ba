#pragma once
/// What the programs in tests/gpu share. They do without GoogleTest, which a machine with a GPU may lack.

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <source_location>

namespace fa::gpu_test {

/// ctest's word for a skipped test here (SKIP_RETURN_CODE).
inline constexpr int skipped = 77;

inline int failures = 0;

/// Counts and prints a failure.
inline void check(bool holds, const char* what, std::source_location place = std::source_location::current())
{
    if (holds)
        return;
    ++failures;
    std::printf("%s:%u: %s\n", place.file_name(), static_cast<unsigned>(place.line()), what);
}

/// Runs `test` where there are `wanted` GPUs. To be returned from main: 0, 1 if a check failed or something
/// was thrown, 77 without so many GPUs.
inline int run(void (*test)(), int wanted = 1)
{
    int found = 0;
    const cudaError_t error = cudaGetDeviceCount(&found);
    if (error != cudaSuccess || found < wanted) {
        std::printf("skipped: %s (%d wanted, %d found; CUDA: %s)\n",
                    found == 0 ? "no GPU here" : "too few GPUs here", wanted, found,
                    cudaGetErrorString(error));
        return skipped;
    }
    try {
        test();
    } catch (const std::exception& thrown) {
        check(false, thrown.what());
    }
    std::printf(failures == 0 ? "passed\n" : "%d checks failed\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace fa::gpu_test
