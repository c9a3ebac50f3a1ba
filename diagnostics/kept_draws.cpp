#include "diagnostics/kept_draws.hpp"

#include <algorithm>

namespace fa::diagnostics {

void KeptDraws::begin(const DrawSpec& spec, std::uint64_t bytes)
{
    check(spec);
    if (!(spec == spec_)) {
        spec_ = spec;
        kept_.clear();
        passing_ = {};
        bytes_ = 0;
    }
    budget_ = bytes;
    while (bytes_ > budget_) {
        bytes_ -= size_of(kept_.back().draws);
        kept_.pop_back();
    }
}

const DrawBlock& KeptDraws::block(jobs::Range draws)
{
    const auto same = [&](const DrawBlock& block) {
        return block.draws.begin == draws.begin && block.draws.end == draws.end;
    };
    if (const auto found = std::find_if(kept_.begin(), kept_.end(), same); found != kept_.end())
        return *found;
    ++made_;
    if (bytes_ + size_of(draws) > budget_) {
        make_block(spec_, draws, passing_, scratch_);
        return passing_;
    }
    make_block(spec_, draws, kept_.emplace_back(), scratch_);
    bytes_ += size_of(draws);
    return kept_.back();
}

std::uint64_t KeptDraws::size_of(jobs::Range draws) const
{
    return block_bytes(spec_.propagation, spec_.shapes, spec_.shared, draws.size());
}

} // namespace fa::diagnostics
