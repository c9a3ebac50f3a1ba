#pragma once
/// `fa-report diff A B [options]`.

#include <boost/program_options/options_description.hpp>

#include <iosfwd>
#include <vector>

namespace fa::reporting {

/// What `fa-report diff --help` lists: thresholds and strategies as of a report, and a few more.
std::vector<boost::program_options::options_description> diff_option_groups();

/// @param count, arguments  as of main, arguments[1] is "diff"
/// @returns 6 where something differs by more than noise, else 0
/// @throws std::invalid_argument, boost::program_options::error, store::StoreError, jobs::ManifestError
int run_diff(int count, const char* const* arguments, std::ostream& terminal);

} // namespace fa::reporting
