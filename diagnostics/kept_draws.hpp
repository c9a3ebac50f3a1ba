#pragma once
/// Blocks of draws that outlive a run: the same draws serve every run of the same shape (design 2, "Training
/// against fresh feedback"), so a rank makes them once.

#include "diagnostics/draw_block.hpp"

#include <cstdint>
#include <deque>

namespace fa::diagnostics {

/// Keeps the blocks that were asked for first, as many as fit: runs ask for the same blocks in the same
/// order, of which the last ones would always be the ones just forgotten.
class KeptDraws {
  public:
    /// Another run begins: blocks of other draws are given up, and so are those beyond `bytes`.
    /// @throws std::invalid_argument as `draw`
    void begin(const DrawSpec& spec, std::uint64_t bytes);

    /// A block of the spec; valid until the next call.
    const DrawBlock& block(jobs::Range draws);

    std::uint64_t bytes() const { return bytes_; } ///< of the blocks kept
    std::uint64_t made() const { return made_; }   ///< blocks made so far

  private:
    DrawSpec spec_;
    std::uint64_t budget_ = 0, bytes_ = 0, made_ = 0;
    std::deque<DrawBlock> kept_;
    DrawBlock passing_; ///< the one block beyond the budget
    DrawScratch scratch_;

    std::uint64_t size_of(jobs::Range draws) const;
};

} // namespace fa::diagnostics
