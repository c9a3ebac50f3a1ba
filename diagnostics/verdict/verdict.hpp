#pragma once
/// The four diagnostics of a run and what follows from them (design 2, "The four diagnostics").

#include "diagnostics/verdict/drift.hpp"
#include "diagnostics/verdict/floor.hpp"
#include "diagnostics/verdict/measurements.hpp"
#include "diagnostics/verdict/scale.hpp"
#include "diagnostics/verdict/thresholds.hpp"
#include "diagnostics/verdict/useful_blocks.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fa::verdict {

struct Verdict {
    Scale scale;                      ///< (a)
    Floor floor;                      ///< (b)
    Drift drift;                      ///< (c)
    UsefulBlocks useful_blocks;       ///< (d)
    std::optional<Headline> headline; ///< where the manifest claims an accuracy
    std::vector<std::string>
        warnings; ///< sentences: end-to-end growth, a headline that disagrees, unusual batches

    /// Nothing fired. What did not run stands in `not_run()`: print both.
    bool trustworthy() const { return letters().empty(); }
    /// Neither (a) nor (b) fired: otherwise Γ is printed, but marked as not interpretable.
    bool gamma_is_interpretable() const { return !scale.fired() && !floor.fired(); }

    /// "trustworthy", or "needs walk-back: scale, floor".
    std::string text() const;
    /// The same with what did not run beside it: "trustworthy (d not run: no frozen baseline)".
    std::string full_text() const;
    /// Letters of what fired: "abd".
    std::string letters() const;
    /// Letters with causes: "a;b:scale;d".
    std::string fired() const;
    /// Letters of what is marginal: "c;d".
    std::string marginal() const;
    /// Letters with reasons: "c: 4 batches, at least 8 are needed;d: no frozen baseline".
    std::string not_run() const;
};

/// A diagnostic by its letter and name, in the order a, b, c, d.
struct Named {
    char letter;
    std::string_view name; ///< "scale", "floor", "drift", "useful blocks"
    const Judgement* judgement;
};
/// Points into `verdict`.
std::array<Named, 4> diagnostics_of(const Verdict& verdict);

/// @param headline  the claimed accuracy, a fraction
/// @throws std::invalid_argument naming the dataset whose size doesn't fit layers, batches and batch size
Verdict judge(const RunMeasurements& run, const Control& control, std::optional<double> headline,
              const Thresholds& thresholds);

} // namespace fa::verdict
