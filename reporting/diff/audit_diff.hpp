#pragma once
/// `fa-report diff A B`: what changed between two audits, and whether more than noise.

#include "aggregation/audit.hpp"
#include "reporting/diff/run_diff.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

namespace fa::reporting {

struct AuditDiff {
    std::vector<std::string> audits;    ///< lines: how many runs each has, and what its tables were made with
    std::vector<std::string> states;    ///< lines: runs of one audit alone, or measured in one alone
    std::vector<std::string> identical; ///< runs whose files are the same bytes
    std::vector<RunDiff> runs;          ///< measured in both, of other bytes or labels or verdict
    std::size_t tests = 0;              ///< numbers that were tested together

    bool beyond_noise() const;
};

/// @param a, b  audits read with the same question
/// @throws store::StoreError
AuditDiff diff_audits(const std::filesystem::path& a_store, const aggregation::Audit& a,
                      const std::filesystem::path& b_store, const aggregation::Audit& b);

void print(const AuditDiff& diff, bool colour, std::ostream& terminal);

} // namespace fa::reporting
