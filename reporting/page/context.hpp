#pragma once
/// What all parts of a page share.

#include "aggregation/audit.hpp"
#include "aggregation/table.hpp"
#include "reporting/figures/figures.hpp"
#include "reporting/page/glossary.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fa::reporting {

class PageContext {
  public:
    PageContext(const aggregation::Audit& audit, const std::vector<aggregation::Table>& summary,
                std::filesystem::path store);

    const aggregation::Audit& audit() const { return audit_; }
    const std::vector<aggregation::Table>& summary() const { return summary_; }
    Glossary& glossary() { return glossary_; }

    /// "run-3", "group-1": where a run's or group's story is; empty where it has none.
    std::string anchor_of_run(const std::string& name) const;
    std::string anchor_of_group(const std::string& name) const;
    /// Attributes by which the page's filter finds what belongs to a run, or to all runs of groups.
    std::string found_by_run(const std::string& name) const;
    std::string found_by_groups(const std::vector<std::string>& names) const;

    const aggregation::AuditedRun& run(const std::string& name) const;
    bool has_tables(const aggregation::AuditedRun& run) const { return with_tables_.contains(run.spec.name); }

    /// As <figure> elements, side by side; empty for a run or group beyond those that get some, and where
    /// gnuplot can't draw.
    std::string figures_of_run(const aggregation::AuditedRun& run);
    std::string figures_of_group(std::size_t group);
    /// What the figures and tables leave out, and why: sentences.
    std::vector<std::string> left_out() const;

  private:
    std::string drawn(const std::vector<Figure>& figures);

    const aggregation::Audit& audit_;
    const std::vector<aggregation::Table>& summary_;
    std::filesystem::path store_;
    Glossary glossary_;
    std::map<std::string, std::size_t> runs_, groups_; ///< places by name
    std::set<std::string> with_figures_, with_tables_;
    std::size_t drawn_ = 0;
    std::string why_not_; ///< gnuplot's reason
};

/// What the filter calls a run's state: "trustworthy", "walk-back", with "uninterpretable" behind it where it
/// holds, or "unmeasured".
std::string state_words(const aggregation::AuditedRun& run);

} // namespace fa::reporting
