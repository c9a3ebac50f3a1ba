#pragma once
/// The options that fa-report and fa-harness share: thresholds, strategies, intervals, exit codes.

#include "aggregation/report.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <string>

namespace fa::aggregation {

/// Groups for --help and the parser: add() each to a program's own options.
boost::program_options::options_description threshold_options();
boost::program_options::options_description strategy_options();
boost::program_options::options_description verdict_options();

/// What the three groups' options say.
/// @throws std::invalid_argument saying which option is wrong and what would be right
ReportOptions report_options(const boost::program_options::variables_map& values);

/// Which verdicts make the exit code 4: letters of diagnostics.
class FailOn {
  public:
    /// @param text  "any", or letters such as "abd" or "a,d"; empty: none
    /// @throws std::invalid_argument
    explicit FailOn(const std::string& text);
    bool matches(const std::string& fired_letters) const;

  private:
    std::string letters_;
};
/// @throws std::invalid_argument
FailOn fail_on(const boost::program_options::variables_map& values);

/// Are runs that are merely not measured yet an error?
enum class Completeness { optional, required };

/// Design 4: 4 if a verdict matches --fail-on, else 3 if runs failed (or are missing, where that counts),
/// else 0.
int exit_code(const ReportSummary& summary, const FailOn& fail_on,
              Completeness completeness = Completeness::required);

} // namespace fa::aggregation
