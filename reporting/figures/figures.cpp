#include "reporting/figures/figures.hpp"

#include "aggregation/statistics_tables.hpp"
#include "reporting/figures/batch_directions.hpp"
#include "reporting/figures/gamma_by_layer.hpp"
#include "reporting/figures/norms_over_depth.hpp"
#include "reporting/figures/specification_curve.hpp"
#include "reporting/figures/variance_shares.hpp"

#include <optional>
#include <utility>

namespace fa::reporting {
namespace {

void add(std::vector<Figure>& figures, std::optional<Figure> figure)
{
    if (figure) {
        figures.push_back(std::move(*figure));
    }
}

} // namespace

std::vector<Figure> figures_of(const aggregation::Audit& audit, const aggregation::AuditedRun& run,
                               const aggregation::Table& specification, const std::filesystem::path& store)
{
    const auto& result = *run.result;
    const auto& thresholds = audit.question.thresholds;
    std::vector<Figure> figures;
    add(figures, figure_of(gamma_by_layer(result, store), run));
    add(figures, figure_of(specification_curve(result, specification), run));
    add(figures, figure_of(norms_over_depth(result, thresholds), run, thresholds));
    add(figures, figure_of(batch_directions(result, store), run, thresholds.stability_drift_ceiling));
    return figures;
}

std::vector<Figure> figures_of_group(const aggregation::Audit& audit, std::size_t group)
{
    std::vector<Figure> figures;
    add(figures, figure_of(variance_shares(audit.variances[group]), audit.groups[group].name,
                           aggregation::interpretable(audit.groups[group])));
    return figures;
}

} // namespace fa::reporting
