#pragma once
/// The inner loop of diagnostics/norms.hpp, one build per instruction set (diagnostics/instruction_set.hpp),
/// equal bits from all.

#include "diagnostics/instruction_set.hpp"

#include <cstdint>

namespace fa::diagnostics {

struct NormsKernel {
    /// What `sample_vectors` says of `count` rows of `width`; canonical NaN where a row has no direction.
    /// @param rows, unit [count, width]   @param norm [count]
    void (*sample_vectors)(const double* rows, std::int64_t count, std::int64_t width, double* unit,
                           double* norm);
};

/// @pre the set is among `supported_instruction_sets()`
const NormsKernel& norms_kernel_for(random::InstructionSet set) noexcept;

} // namespace fa::diagnostics
