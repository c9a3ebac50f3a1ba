#include "diagnostics/kernel_images.hpp"

#include <gtest/gtest.h>

namespace fa::diagnostics {
namespace {

/// As PyTorch's CMake files write 8.0;9.0+PTX for nvcc.
const std::string ours = "-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 "
                         "-gencode arch=compute_90,code=compute_90";
/// As LibTorch 2.14.1 recorded them.
const std::string torchs =
    "-Xfatbin -compress-all -DONNX_NAMESPACE=onnx_torch -gencode arch=compute_75,code=sm_75 "
    "-gencode arch=compute_80,code=sm_80 -gencode arch=compute_86,code=sm_86 "
    "-gencode arch=compute_90,code=sm_90 -gencode arch=compute_100,code=sm_100 "
    "-gencode arch=compute_120,code=sm_120 -Xcudafe --diag_suppress=cc_clobber_ignored";

TEST(KernelImages, AreReadFromNvccsFlags)
{
    EXPECT_EQ(to_text(images_of(ours)), "8.0, 9.0, PTX of 9.0");
    EXPECT_EQ(to_text(images_of(torchs)), "7.5, 8.0, 8.6, 9.0, 10.0, 12.0");
    EXPECT_EQ(to_text(images_of("-gencode arch=compute_90a,code=sm_90a "
                                "-gencode=arch=compute_100f,code=[sm_103f,compute_100f]")),
              "9.0a, 10.3f, PTX of 10.0f");
    EXPECT_TRUE(images_of("-O3 -std=c++20").empty());
}

TEST(KernelImages, RunOnTheGpusThatCudasRulesName)
{
    const struct {
        const char* image;
        int major, minor;
        bool runs;
    } table[] = {
        {"sm_80", 7, 0, false},         {"sm_80", 7, 5, false},
        {"sm_80", 8, 0, true},          {"sm_80", 8, 6, true},
        {"sm_80", 8, 9, true},          {"sm_80", 9, 0, false}, // machine code is for one major version
        {"sm_86", 8, 0, false},         {"sm_86", 8, 9, true},
        {"sm_100", 10, 3, true},        {"sm_100", 12, 0, false},
        {"compute_90", 8, 9, false},    {"compute_90", 9, 0, true},
        {"compute_90", 10, 0, true},    {"compute_90", 12, 1, true},
        {"compute_86", 9, 0, true}, // newer, if its minor version is less
        {"compute_86", 8, 0, false},    {"sm_90a", 9, 0, true},
        {"sm_90a", 10, 0, false},       {"compute_90a", 9, 0, true},
        {"compute_90a", 10, 0, false},  {"sm_100a", 10, 3, false},
        {"sm_100f", 10, 3, true},       {"compute_100f", 10, 3, true},
        {"compute_100f", 12, 0, false},
    };
    for (const auto& row : table) {
        const auto images = images_of("code=" + std::string(row.image));
        ASSERT_EQ(images.size(), 1U) << row.image;
        EXPECT_EQ(runs_on(images[0], row.major, row.minor), row.runs)
            << row.image << " on " << row.major << "." << row.minor;
    }
}

TEST(KernelImages, WhyAGpuIsTooOldOrTooNewNamesWhoseKernelsAndWhatToDo)
{
    const std::vector<Kernels> both = {{"LibTorch", images_of(torchs), "take another"},
                                       {"this build", images_of(ours), "build again"}};
    EXPECT_EQ(why_not_on(8, 0, both), "");
    EXPECT_EQ(why_not_on(8, 9, both), "");
    EXPECT_EQ(why_not_on(9, 0, both), "");
    EXPECT_EQ(why_not_on(12, 0, both), "");
    EXPECT_EQ(why_not_on(7, 5, both), "this build has kernels for 8.0, 9.0, PTX of 9.0: build again");
    const std::string torchs_lack = "LibTorch has kernels for 7.5, 8.0, 8.6, 9.0, 10.0, 12.0: take another";
    EXPECT_EQ(why_not_on(7, 0, both), torchs_lack);
    EXPECT_EQ(why_not_on(11, 0, both), torchs_lack);
}

TEST(KernelImages, OfWhichNothingIsKnownAreTrusted)
{
    EXPECT_EQ(why_not_on(7, 0, {}), "");
    EXPECT_EQ(why_not_on(7, 0, std::vector<Kernels>{{"LibTorch", {}, "take another"}}), "");
}

} // namespace
} // namespace fa::diagnostics
