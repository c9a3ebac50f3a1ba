#pragma once
/// The specification curve of a run: Γ_train of all strategies, sorted, on the band of the fresh draws, with
/// the strategies' choices below.

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"
#include "reporting/figures/figure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fa::reporting {

/// A row of marks below the curve: a level of a choice that not all strategies share.
struct ChoiceRow {
    std::string dimension, level;
};

struct SpecificationCurve {
    aggregation::Table points; ///< of the table `specification`, the run's rows
    std::vector<ChoiceRow> rows;
    std::string fixed; ///< what all strategies share: "depth all, order samples"
    bool has_train = false, has_fresh = false;
};

/// @param specification  the summary table of that name
SpecificationCurve specification_curve(const aggregation::RunResult& run,
                                       const aggregation::Table& specification);

/// None where the run has no curve.
std::optional<Figure> figure_of(const SpecificationCurve& curve, const aggregation::AuditedRun& run);

} // namespace fa::reporting
