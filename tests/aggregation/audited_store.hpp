#pragma once
/// A store of invented runs and its manifest, audited and reported.

#include "aggregation/report.hpp"
#include "synthetic_store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace fa::testing {

/// `manifest` and `run` write to it; the others say what fa-report makes of it.
class Store : public ::testing::Test {
  protected:
    ScratchFolder folder;
    store::Layout layout{folder / "store"};

    void manifest(const std::string& text)
    {
        write_manifest(layout, "default data=d.h5 batch_size=16 draws=20\n" + text);
    }
    void run(const SyntheticRun& run) { write_synthetic_run(layout, run); }
    static std::string line(const std::string& name, const std::string& rest = "")
    {
        return "name=" + name + " checkpoint=c.st method=M " + rest + "\n";
    }
    aggregation::Audit audit(bool verify = false) const
    {
        aggregation::AuditQuestion question;
        question.replicates = 50;
        question.checksums = verify ? aggregation::Checksums::all : aggregation::Checksums::metadata;
        return aggregation::read_audit(layout.root(), question);
    }
    std::string not_run_of(const std::string& name) const
    {
        const auto all = audit();
        const auto found = std::find_if(all.runs.begin(), all.runs.end(),
                                        [&](const auto& one) { return one.spec.name == name; });
        return found->result ? found->result->verdict.not_run() : "no result";
    }
    std::string table(const std::string& name) const { return bytes_of(layout.tables() / name); }
    std::string report_text(aggregation::ReportOptions options = {}) const
    {
        options.replicates = 50;
        std::ostringstream terminal;
        summary = aggregation::report(layout.root(), options, terminal);
        return terminal.str();
    }
    mutable aggregation::ReportSummary summary;
};

} // namespace fa::testing
