#include "reporting/figures/words.hpp"

#include "aggregation/tables.hpp"

#include <fmt/format.h>

namespace fa::reporting {

std::string samples_of(const aggregation::RunResult& run)
{
    return fmt::format("{} samples ({} batches of {})", run.attributes.samples(), run.attributes.batches,
                       run.attributes.batch_size);
}

std::string not_interpretable(const aggregation::RunResult& run)
{
    const auto letters = aggregation::interpretable(run.verdict);
    return letters == "yes" ? "" : " Γ is not interpretable here: " + letters.substr(3) + " fired.";
}

std::string short_warning(const aggregation::RunResult& run)
{
    const auto letters = aggregation::interpretable(run.verdict);
    return letters == "yes" ? "" : "Γ not interpretable " + letters.substr(3);
}

} // namespace fa::reporting
