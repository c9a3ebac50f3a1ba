#include "harness/device_errors.hpp"

#include "diagnostics/gpu_error.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>

namespace fa::harness {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr c10::SourceLocation nowhere{"f", "f.cpp", 1};

/// A GPU as messages name it; the device itself is the CPU, which has no cache to empty.
RankDevice device()
{
    return {.device = at::kCPU,
            .host = "n1",
            .name = "GPU 1 (NVIDIA H100)",
            .kind = "NVIDIA H100",
            .memory = 80ULL << 30};
}

[[noreturn]] void run_out_of_memory()
{
    throw c10::OutOfMemoryError(nowhere, "CUDA out of memory. Tried to allocate 20.00 GiB.");
}

TEST(RetryWithoutCache, RunsTheStepAloneWhereItFits)
{
    int steps = 0, smaller = 0;
    retry_without_cache(device(), [&] { ++steps; }, [&] { ++smaller; });
    EXPECT_EQ(steps, 1);
    EXPECT_EQ(smaller, 0);
}

TEST(RetryWithoutCache, RunsTheSmallerStepOnceTheFirstHasLetGoOfItsMemory)
{
    const auto memory = std::make_shared<int>();
    long holders = 0;
    retry_without_cache(
        device(),
        [&] {
            const auto held = memory;
            run_out_of_memory();
        },
        [&] { holders = memory.use_count(); });
    EXPECT_EQ(holders, 1);
}

TEST(RetryWithoutCache, FailsWithWhatWouldHelpWhereTheSmallerStepDoesntFitEither)
{
    try {
        retry_without_cache(device(), run_out_of_memory, run_out_of_memory);
        ADD_FAILURE() << "went on";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("GPU 1 (NVIDIA H100) of host n1"), HasSubstr("80.0 GiB"),
                          HasSubstr("batch_size"), HasSubstr("--device cpu"), HasSubstr("fewer ranks"),
                          EndsWith("(CUDA out of memory. Tried to allocate 20.00 GiB.)")));
        EXPECT_FALSE(is_device_error(error)); // the run fails, the others go on
    }
}

TEST(RetryWithoutCache, RunsTheSmallerStepWhereMemoryRanOutPastTheAllocator)
{
    int smaller = 0;
    const auto step = [] { throw c10::AcceleratorError(nowhere, 2, "CUDA error: out of memory\nhints …"); };
    retry_without_cache(device(), step, [&] { ++smaller; });
    EXPECT_EQ(smaller, 1);
}

TEST(RetryWithoutCache, RunsTheSmallerStepWhereAThreadPassedOnTheWordsAlone)
{
    int smaller = 0;
    const auto step = [] { throw std::runtime_error("CUDA out of memory. Tried to allocate 20.00 GiB."); };
    retry_without_cache(device(), step, [&] { ++smaller; });
    EXPECT_EQ(smaller, 1);
}

/// cuBLAS says so where there is no memory for a thread's handle.
TEST(RetryWithoutCache, RunsTheSmallerStepWhereAHandleFoundNoMemory)
{
    int smaller = 0;
    const auto step = [] {
        throw c10::Error(nowhere,
                         "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`");
    };
    retry_without_cache(device(), step, [&] { ++smaller; });
    EXPECT_EQ(smaller, 1);
}

TEST(RetryWithoutCache, LetsOtherErrorsPass)
{
    int smaller = 0;
    EXPECT_THROW(retry_without_cache(
                     device(), [] { throw std::domain_error("another"); }, [&] { ++smaller; }),
                 std::domain_error);
    EXPECT_EQ(smaller, 0);
}

TEST(DeviceErrors, AreThoseThatLeaveTheDeviceInAnUnknownState)
{
    EXPECT_TRUE(is_device_error(diagnostics::GpuError("ncclAllGather: unhandled system error")));
    EXPECT_TRUE(is_device_error(c10::AcceleratorError(nowhere, 700, "CUDA error: an illegal memory access")));
    EXPECT_TRUE(is_device_error(
        c10::Error(nowhere, "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasDgemm`")));
    EXPECT_TRUE(is_device_error(std::runtime_error("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED")));
    EXPECT_FALSE(is_device_error(c10::OutOfMemoryError(nowhere, "CUDA out of memory. Tried …")));
    EXPECT_FALSE(is_device_error(
        c10::Error(nowhere, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")));
    EXPECT_FALSE(is_device_error(std::runtime_error("runs/a.pt: no CUDA error: only a name")));
}

TEST(DeviceErrors, AreToldWithRankHostGpuAndRun)
{
    DeviceErrors errors(3, device());
    const c10::AcceleratorError error(
        nowhere, 700,
        "CUDA error: an illegal memory access was encountered\nCUDA kernel errors might be …\n");
    EXPECT_EQ(errors.told(error),
              "rank 3 on host n1, GPU 1 (NVIDIA H100): CUDA error: an illegal memory access was encountered");
    errors.in_hand("dfa-s42");
    EXPECT_EQ(errors.told(diagnostics::GpuError("cublasSgemm: internal error")),
              "rank 3 on host n1, GPU 1 (NVIDIA H100), run 'dfa-s42': cublasSgemm: internal error");
    EXPECT_EQ(
        errors.told(c10::OutOfMemoryError(nowhere, "CUDA out of memory: cudaFuncGetAttributes found none")),
        "rank 3 on host n1, GPU 1 (NVIDIA H100), run 'dfa-s42': CUDA out of memory: cudaFuncGetAttributes "
        "found none");
    EXPECT_EQ(errors.told(std::runtime_error("no such file")), "no such file");
}

RankDevice gpu()
{
    auto gpu = device();
    gpu.device = at::Device(at::kCUDA, 1);
    return gpu;
}

/// LibTorch's advice is for who writes the program.
TEST(WithAdvice, SaysWhatWouldHelpWhereAGpuHasNoWay)
{
    const std::string no_way = "run 'a': adaptive_avg_pool2d_backward_cuda does not have a deterministic "
                               "implementation";
    EXPECT_EQ(
        with_advice(no_way + ", but you set 'torch.use_deterministic_algorithms(True)'. You can …", gpu()),
        no_way + ", and the audit uses no other: --device cpu audits this run");
    EXPECT_EQ(with_advice("cudnn RNN backward can only be called in training mode", gpu()),
              "cudnn RNN backward can only be called in training mode, in which networks are never audited: "
              "--device cpu audits this run");
}

TEST(WithAdvice, LeavesOtherWordsAndTheCpusAlone)
{
    EXPECT_EQ(with_advice("no such file", gpu()), "no such file");
    const std::string text = "put_ does not have a deterministic implementation, but you …";
    EXPECT_EQ(with_advice(text, device()), text);
}

} // namespace
} // namespace fa::harness
