#pragma once
/// The hand-written loops are compiled once per instruction set and chosen when the program runs. All sets
/// give the same bits: no contraction, no reordered sums; the choice is about speed alone.

#include <array>
#include <span>

namespace fa::random {

enum class InstructionSet { baseline, avx2, avx512 };

inline constexpr std::array all_instruction_sets = {InstructionSet::baseline, InstructionSet::avx2,
                                                    InstructionSet::avx512};

/// Those that this build has loops for and this processor runs, the fastest last; never empty.
std::span<const InstructionSet> supported_instruction_sets() noexcept;

inline InstructionSet fastest_instruction_set() noexcept
{
    return supported_instruction_sets().back();
}

} // namespace fa::random
