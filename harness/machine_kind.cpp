#include "harness/machine_kind.hpp"

#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <unistd.h>
#include <vector>

namespace fa::harness {
namespace {

/// ATen's names for what its kernels are compiled for, from the least to the most
/// (ATen/native/DispatchStub.h).
constexpr const char* capabilities[] = {"default", "avx2", "avx512"};
/// The branch of MKL that every vendor's processors have.
constexpr const char* compatible = "COMPATIBLE";

struct Kind {
    char host[64] = {};
    char torch[32] = {};
    char vendor[16] = {};
    int capability = 0; ///< index into `capabilities`
    char gpu[192] = {}; ///< empty: none
};

void copy_text(char* to, std::size_t size, const std::string& text)
{
    text.copy(to, size - 1);
}

int capability_of_this_machine()
{
    // What the user forces counts: ATen obeys the same variable.
    if (const char* forced = std::getenv("ATEN_CPU_CAPABILITY"))
        for (int level = 0; level < 3; ++level)
            if (std::strcmp(forced, capabilities[level]) == 0)
                return level;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("fma"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return 1;
#endif
    return 0;
}

const char* vendor_of_this_machine()
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_is("intel") ? "Intel" : __builtin_cpu_is("amd") ? "AMD" : "other x86-64";
#else
    return "other";
#endif
}

Kind kind_of_this_machine(const std::string& gpu)
{
    Kind kind;
    gethostname(kind.host, sizeof kind.host - 1);
    copy_text(kind.torch, sizeof kind.torch, TORCH_VERSION);
    copy_text(kind.vendor, sizeof kind.vendor, vendor_of_this_machine());
    kind.capability = capability_of_this_machine();
    copy_text(kind.gpu, sizeof kind.gpu, gpu);
    return kind;
}

std::string text_of(const Kind& kind)
{
    return fmt::format("{} has {} with {} and LibTorch {}", kind.host, kind.vendor,
                       capabilities[kind.capability], kind.torch);
}

/// No instructions that all have make GPUs of two models alike.
void refuse_other_gpus(const std::vector<Kind>& kinds)
{
    const auto& first = kinds.front();
    const auto other = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const Kind& kind) { return std::strcmp(kind.gpu, first.gpu) != 0; });
    if (other == kinds.end())
        return;
    const auto named = [](const Kind& kind) {
        return fmt::format("{} has {}", kind.host, kind.gpu[0] == '\0' ? "none" : kind.gpu);
    };
    throw MixedMachines(
        fmt::format("ranks compute on GPUs of different kinds, whose bits differ: {}, {}; ask for "
                    "nodes of one kind, or give --device cpu (--lowest-capability can't make "
                    "GPUs alike)",
                    named(first), named(*other)));
}

} // namespace

void agree_on_machine_kind(const comm::Communicator& world, Mixture mixture, const std::string& gpu)
{
    const auto kinds = world.all_gather(kind_of_this_machine(gpu));
    const auto& first = kinds.front();
    const auto other_torch = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
        return std::strcmp(kind.torch, first.torch) != 0;
    });
    if (other_torch != kinds.end())
        throw MixedMachines("ranks run different LibTorch versions, whose bits differ: " + text_of(first) +
                            ", " + text_of(*other_torch));
    refuse_other_gpus(kinds);
    const auto other = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
        return kind.capability != first.capability || std::strcmp(kind.vendor, first.vendor) != 0;
    });
    if (other == kinds.end())
        return;
    if (mixture == Mixture::refuse)
        throw MixedMachines("ranks run on machines of different kinds, whose bits differ: " + text_of(first) +
                            ", " + text_of(*other) +
                            "; ask for nodes of one kind, or give --lowest-capability");
    int lowest = first.capability;
    for (const auto& kind : kinds)
        lowest = std::min(lowest, kind.capability);
    setenv("ATEN_CPU_CAPABILITY", capabilities[lowest], 1);
    setenv("MKL_CBWR", compatible, 1);
}

std::string machine_kind(const std::string& gpu)
{
    const auto kind = kind_of_this_machine(gpu);
    const char* branch = std::getenv("MKL_CBWR");
    const bool any_vendor = branch && std::strcmp(branch, compatible) == 0;
    return fmt::format("{} {}, LibTorch {}{}{}", any_vendor ? "any vendor" : kind.vendor,
                       capabilities[kind.capability], kind.torch, gpu.empty() ? "" : ", ", gpu);
}

} // namespace fa::harness
