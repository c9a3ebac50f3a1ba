#include "harness/shard_summary.hpp"

#include "aggregation/run_status.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>

#include <ostream>

namespace fa::harness {

aggregation::ReportSummary summarise_shard(const AuditOptions& options, const jobs::Manifest& manifest,
                                           std::ostream& terminal)
{
    const store::Layout layout(options.output);
    aggregation::ReportSummary summary;
    for (const auto& spec : manifest.runs)
        aggregation::count(aggregation::run_status(layout, spec).state, summary);
    terminal << fmt::format("Shard {}: {} of its {} runs are measured, {} failed\n"
                            "Tables: fa-report {}, when all shards are done (with --require-complete it "
                            "exits with 3 if runs are missing)\n",
                            to_string(*options.shard), summary.measured, manifest.runs.size(), summary.failed,
                            options.output.string());
    return summary;
}

} // namespace fa::harness
