#include "harness/segment_stage.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/fresh_meter.hpp"
#include "harness/machine_memory.hpp"
#include "harness/segment_cut.hpp"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>

namespace fa::harness {
namespace {

using Segments = std::vector<jobs::Range>;

constexpr int rounds = 3;

/// Why a segment can't be used. Summed over the ranks, less than `damaged` means gone.
constexpr std::uint64_t gone = 1, damaged = std::uint64_t{1} << 32U;

class Stage {
  public:
    explicit Stage(const SegmentedTask& task)
        : task_(task), fresh_(task.fresh), team_(task.fresh.team), run_(task.fresh.run.attributes)
    {
    }

    Segmented operator()(Rows& rows);

  private:
    void find();
    bool measure_missing();
    Segments measure_share(std::span<const jobs::Range> missing, bool& stopped);
    std::optional<FreshPart> join();
    void adopt(std::size_t segment, FreshPart& part, DrawValues& values);
    void leave_out(std::vector<std::uint64_t>& bad);
    Segments missing_blocks() const;
    std::int64_t saved() const;
    void say(const std::string& what) const
    {
        fmt::print(stderr, "fa-harness: run '{}': {}\n", run_.name, what);
    }

    const SegmentedTask& task_;
    const FreshTask& fresh_;
    const comm::Communicator& team_;
    const store::RunAttributes& run_;
    Segments segments_; ///< saved so far, the same on every rank, in the order of the draws
};

std::int64_t Stage::saved() const
{
    return std::accumulate(segments_.begin(), segments_.end(), std::int64_t{0},
                           [](std::int64_t sum, jobs::Range draws) { return sum + draws.size(); });
}

/// What an earlier job saved.
void Stage::find()
{
    SegmentFolder::Found found;
    comm::together(team_, [&] {
        if (team_.leads())
            found = task_.folder.find();
    });
    segments_ = team_.shared(std::move(found.segments));
    if (!team_.leads())
        return;
    if (found.discarded > 0)
        say(fmt::format("segments discarded, which are damaged or of other inputs, options or machines: {}",
                        found.discarded));
    if (segments_.empty())
        return;
    say(fmt::format("goes on with {} of {} draws, saved earlier (segments taken over: {})", saved(),
                    run_.draws, segments_.size()));
    const auto blocks = jobs::draw_blocks(run_.draws).size() - missing_blocks().size();
    fresh_.beat(fresh_.shares.per_draw_block * static_cast<double>(blocks));
}

Segments Stage::missing_blocks() const
{
    Segments missing;
    auto segment = segments_.begin();
    for (const auto& block : jobs::draw_blocks(run_.draws)) {
        while (segment != segments_.end() && segment->end <= block.begin)
            ++segment;
        if (segment == segments_.end() || segment->begin > block.begin)
            missing.push_back(block);
    }
    return missing;
}

/// This rank's share of the missing blocks, saved segment by segment.
/// @param stopped  becomes true where a signal left some undone
/// @returns what was saved
Segments Stage::measure_share(std::span<const jobs::Range> missing, bool& stopped)
{
    const at::NoGradGuard no_grad;
    const auto keys = value_keys(run_, fresh_.strategies);
    FreshMeter meter(fresh_);
    auto next = missing.begin(); // a GPU begins with it before a segment is saved
    Segments done;
    for (const auto& blocks : cut(missing, task_.most_blocks)) {
        FreshPart part(run_, {blocks.front().begin, blocks.back().end}, keys);
        auto end = blocks.front().begin;
        for (const auto& block : blocks) {
            if ((stopped = fresh_.beat.stopping()))
                break;
            ++next;
            meter.measure(block, part, next == missing.end() ? std::nullopt : std::optional(*next));
            end = block.end;
            fresh_.beat(fresh_.shares.per_draw_block);
        }
        if (end > part.draws().begin) {
            task_.folder.save(part.until(end));
            done.push_back({part.draws().begin, end});
        }
        if (stopped)
            break;
    }
    return done;
}

/// @returns whether nothing is missing any more
bool Stage::measure_missing()
{
    const auto missing = missing_blocks();
    if (missing.empty())
        return true;
    const auto mine = jobs::share(static_cast<std::int64_t>(missing.size()), team_.rank(), team_.size());
    Segments done;
    bool stopped = false;
    comm::together(team_, [&] {
        done = measure_share(std::span(missing).subspan(static_cast<std::size_t>(mine.begin),
                                                        static_cast<std::size_t>(mine.size())),
                             stopped);
    });
    // Told by the ranks, not read from the folder: network file systems show new files late.
    for (int owner = 0; owner < team_.size(); ++owner) {
        const auto theirs = team_.shared(done, owner);
        segments_.insert(segments_.end(), theirs.begin(), theirs.end());
    }
    std::sort(segments_.begin(), segments_.end(),
              [](jobs::Range a, jobs::Range b) { return a.begin < b.begin; });
    return !team_.any(stopped);
}

/// Takes over a segment's draws; values of strategies that nobody asked for then are made of its samples, or
/// left out where those weren't kept.
void Stage::adopt(std::size_t segment, FreshPart& part, DrawValues& values)
{
    const auto saved = task_.folder.load(segments_[segment]);
    part.adopt(saved);
    const auto keys = value_keys(run_, fresh_.strategies);
    const bool all =
        std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return saved.has(value_column(key)); });
    if (all)
        return;
    if (run_.keep != "samples") {
        for (const auto& key : keys)
            if (!saved.has(value_column(key)))
                part.drop(value_column(key));
        return;
    }
    const auto begin = std::max(saved.draws().begin, part.draws().begin);
    const auto end = std::min(saved.draws().end, part.draws().end);
    for (const auto& block : jobs::draw_blocks(run_.draws))
        if (block.begin >= begin && block.end <= end)
            values.put(block, part.rows("gamma/fresh", block), part);
}

/// The rows of this rank, read from the segments.
/// @returns nothing, on every rank, where some segment can't be used; it is given up
std::optional<FreshPart> Stage::join()
{
    std::optional<FreshPart> part;
    std::vector<std::uint64_t> bad(segments_.size());
    comm::together(team_, [&] {
        const at::NoGradGuard no_grad;
        const auto mine = draws_of_rank(run_, team_);
        part.emplace(run_, mine, value_keys(run_, fresh_.strategies));
        DrawValues values(run_, fresh_.strategies);
        for (std::size_t i = 0; i < segments_.size(); ++i) {
            if (segments_[i].end <= mine.begin || segments_[i].begin >= mine.end)
                continue;
            try {
                adopt(i, *part, values);
            } catch (const std::runtime_error& error) {
                say(fmt::format("draws {} to {} are measured again: their segment can't be used: {}",
                                segments_[i].begin, segments_[i].end - 1, error.what()));
                // One that is gone another job may be writing again this moment: it isn't ours to remove.
                std::error_code ignored;
                const bool there = std::filesystem::exists(task_.folder.path_of(segments_[i]), ignored);
                bad[i] = there ? damaged : gone;
            }
        }
    });
    release_freed_memory(); // of the segments: now come the largest allocations, of the run file
    leave_out(bad);
    return bad.empty() ? std::move(part) : std::nullopt;
}

/// Gives up the segments that some rank couldn't use.
/// @param bad  by segment, gone or damaged; becomes empty if there are none
void Stage::leave_out(std::vector<std::uint64_t>& bad)
{
    team_.sum(bad);
    Segments good;
    for (std::size_t i = 0; i < segments_.size(); ++i)
        if (bad[i] == 0)
            good.push_back(segments_[i]);
        else if (team_.leads() && bad[i] >= damaged)
            task_.folder.discard(segments_[i]);
    if (good.size() == segments_.size())
        bad.clear();
    segments_ = std::move(good);
}

Segmented Stage::operator()(Rows& rows)
{
    find();
    for (int round = 0;; ++round) {
        bool elsewhere = false;
        comm::together(team_,
                       [&] { elsewhere = round > 0 && team_.leads() && task_.is_finished_meanwhile(); });
        if (team_.shared(elsewhere))
            return {.end = Segmented::End::elsewhere};
        if (round == rounds)
            break;
        if (!measure_missing())
            return {.end = Segmented::End::stopped, .saved = saved()};
        if (const auto part = join())
            return {.saved = run_.draws, .per_draw = put_parts(fresh_, *part, rows)};
    }
    throw comm::GroupError(fmt::format("its segments were gone or damaged {} times when they were to be put "
                                       "together: does another job write to the same folder, or is its disk "
                                       "broken?",
                                       rounds));
}

} // namespace

Segmented measure_in_segments(const SegmentedTask& task, Rows& rows)
{
    return Stage(task)(rows);
}

} // namespace fa::harness
