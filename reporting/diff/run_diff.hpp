#pragma once
/// What changed of one run between two audits.

#include "aggregation/audit.hpp"
#include "aggregation/strategy.hpp"
#include "aggregation/table.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace fa::reporting {

/// A number of both audits, with the test of their difference.
struct NumberDiff {
    std::string quantity; ///< "Γ_train, layer 0"
    double a, b;
    std::string test; ///< "200 common draws, t"; empty: none
    double p;         ///< NaN: not tested
    double p_holm;    ///< adjusted for all numbers of the diff
    aggregation::Digits digits;

    bool beyond_noise() const { return p_holm <= level; }
    static constexpr double level = 0.05;
};

struct RunDiff {
    std::string name;
    std::vector<std::string> changes; ///< "draws: 200 → 100", with what it is: label, option, input, verdict
    std::vector<NumberDiff> numbers;
    bool verdict_turned = false; ///< by a diagnostic that is marginal in neither audit
    std::string interpretable;   ///< is Γ: "yes", "no (a)", or "yes → no (a)"

    bool beyond_noise() const;
};

/// One side: an audited run that is measured, and its file.
struct Side {
    const aggregation::AuditedRun& run;
    std::filesystem::path store;
};

/// Have both files the same bytes?
/// @throws store::StoreError
bool is_bit_identical(const std::filesystem::path& a, const std::filesystem::path& b);

/// Labels of the manifests that differ.
std::vector<std::string> label_changes(const aggregation::AuditedRun& a, const aggregation::AuditedRun& b);

/// Options, inputs, verdict and numbers; p_holm is still to be filled in.
/// @param first  the strategy of Γ_train and Γ_fresh
/// @throws store::StoreError
RunDiff diff_runs(const Side& a, const Side& b, const aggregation::Strategy& first);

} // namespace fa::reporting
