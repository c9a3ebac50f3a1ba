#pragma once
/// What the programs' command lines share: underscores for dashes, and --config files.

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace fa::aggregation {

/// How wide --help is: pass it to every options_description.
inline constexpr unsigned help_columns = 110;

/// The arguments behind the program's name, with dashes for underscores in the names of long options:
/// --h_norm_explosion_ratio=20 becomes --h-norm-explosion-ratio=20. Values, and all behind "--", stay as they
/// are.
std::vector<std::string> with_dashes(int count, const char* const* arguments);

/// Stores `option = value` lines of a file; what is already in `values` (the command line's) wins. # starts a
/// comment.
/// @throws std::invalid_argument naming the file and the option
void store_config(const std::filesystem::path& file,
                  const boost::program_options::options_description& options,
                  boost::program_options::variables_map& values);

} // namespace fa::aggregation
