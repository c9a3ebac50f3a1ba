#pragma once
/// What the programs in tests/gpu share. They do without GoogleTest, which a machine with a GPU may lack.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <source_location>

namespace fa::gpu_test {

inline int failures = 0;

/// Counts and prints a failure.
inline void check(bool holds, const char* what, std::source_location place = std::source_location::current())
{
    if (holds)
        return;
    ++failures;
    std::printf("%s:%u: %s\n", place.file_name(), static_cast<unsigned>(place.line()), what);
}

/// 0, or 1 if a check failed or something was thrown.
inline int result_of(void (*test)())
{
    try {
        test();
    } catch (const std::exception& thrown) {
        check(false, thrown.what());
    }
    std::printf(failures == 0 ? "passed\n" : "%d checks failed\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// To be returned from main: result_of(test) where there are `wanted` GPUs, 77 (ctest's word for a skipped
/// test here) where there aren't.
int run(void (*test)(), int wanted = 1);

} // namespace fa::gpu_test
