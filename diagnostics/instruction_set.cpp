#include "diagnostics/instruction_set.hpp"

#include <cstddef>

namespace fa::random {
namespace {

struct Supported {
    std::array<InstructionSet, all_instruction_sets.size()> sets{};
    std::size_t count = 0;
};

Supported find_supported() noexcept
{
    Supported found;
    found.sets[found.count++] = InstructionSet::baseline;
#ifdef FA_X86_KERNELS
    const bool fma = __builtin_cpu_supports("fma");
    if (fma && __builtin_cpu_supports("avx2"))
        found.sets[found.count++] = InstructionSet::avx2;
    if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
        found.sets[found.count++] = InstructionSet::avx512;
#endif
    return found;
}

} // namespace

std::span<const InstructionSet> supported_instruction_sets() noexcept
{
    static const Supported supported = find_supported();
    return std::span(supported.sets).first(supported.count);
}

} // namespace fa::random
