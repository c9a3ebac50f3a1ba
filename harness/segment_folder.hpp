#pragma once
/// DIR/segments/<run>/: what is saved of a run that takes long, before it is finished (design 8).
///
/// A segment is a safetensors file of some consecutive blocks of draws: the rows of every dataset of
/// Γ_fresh, the counts of its histogram and every strategy's values. It appears whole or not at all, and is
/// verified whenever it is read. It says of which inputs and options (digest) and of what kind of machine its
/// numbers are: all others are of no use.

#include "harness/fresh_part.hpp"
#include "jobs/plan.hpp"
#include "store/layout.hpp"
#include "store/run_file.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fa::harness {

class SegmentFolder {
  public:
    /// @param run      outlives this object
    /// @param machine  machine_kind()
    SegmentFolder(const store::Layout& layout, const store::RunAttributes& run, std::string machine)
        : folder_(layout.segments(run.name)), run_(run), machine_(std::move(machine))
    {
    }

    struct Found {
        std::vector<jobs::Range> segments; ///< in the order of their draws; none overlaps another
        int discarded = 0;                 ///< of other inputs, options or machines, or not readable
    };
    /// Looks through the folder, and removes what is of no use. One process does it.
    Found find() const;

    /// Saves whole blocks of draws.
    /// @throws std::runtime_error with the path and the reason
    void save(const FreshPart& part) const;
    /// @throws std::runtime_error, models::CheckpointError: gone, damaged, or not what its name says
    FreshPart load(jobs::Range draws) const;
    void discard(jobs::Range draws) const noexcept;

    std::filesystem::path path_of(jobs::Range draws) const;

  private:
    std::map<std::string, std::string> metadata(jobs::Range draws) const;
    std::optional<jobs::Range> usable(const std::filesystem::path& file) const;

    std::filesystem::path folder_;
    const store::RunAttributes& run_;
    std::string machine_;
};

} // namespace fa::harness
