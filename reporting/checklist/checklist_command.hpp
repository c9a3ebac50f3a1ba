#pragma once
/// `fa-report DIR --checklist [--source DIR] [--pitfalls 1,2]`.

#include "aggregation/report_options.hpp"

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <filesystem>
#include <iosfwd>

namespace fa::reporting {

/// --checklist, --source and --pitfalls.
boost::program_options::options_description checklist_options();

/// Does the command line ask for the checklist?
/// @throws std::invalid_argument where it says --source or --pitfalls alone
bool wants_checklist(const boost::program_options::variables_map& values);

/// Prints the checklist of a store, writes no tables.
/// @returns 5 where something was found, else the exit code of a report
/// @throws std::invalid_argument, store::StoreError, jobs::ManifestError
int run_checklist(const std::filesystem::path& store, const aggregation::ReportOptions& options,
                  const boost::program_options::variables_map& values, std::ostream& terminal);

} // namespace fa::reporting
