#pragma once
/// Γ_fresh of a run that takes long: each rank saves its draws in segments, and the run goes on from those
/// that an earlier job saved (design 8).

#include "harness/fresh_stage.hpp"
#include "harness/segment_folder.hpp"

#include <functional>

namespace fa::harness {

struct SegmentedTask {
    const FreshTask& fresh;
    const SegmentFolder& folder;
    std::int64_t most_blocks;                    ///< in a segment
    std::function<bool()> is_finished_meanwhile; ///< has another job put the run's file in place? The leader
                                                 ///< asks
};

struct Segmented {
    enum class End {
        complete,
        stopped,  ///< on a signal: what was measured is saved
        elsewhere ///< another job has finished the run, and removed its segments
    } end = End::complete;
    std::int64_t saved = 0; ///< draws
    aggregation::StrategyValues per_draw{};
};

/// As measure_fresh, by way of the segments: what they lack is measured, divided among the ranks, and saved.
/// A segment that is gone or damaged when it is read is measured again, in at most three rounds. Collective
/// in the team.
/// @throws comm::GroupError on every rank
Segmented measure_in_segments(const SegmentedTask& task, Rows& rows);

} // namespace fa::harness
