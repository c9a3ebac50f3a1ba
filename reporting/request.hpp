#pragma once
/// What fa-report is asked for: the tables, or one thing instead of them.

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

namespace fa::reporting {

enum class Request { tables, document, methods, figures, checklist };

/// --format, --methods-text, --output, --figures, --figure-format, --colour, --verify, --require-complete.
boost::program_options::options_description output_options();

/// @throws std::invalid_argument naming two options that don't go together
Request request_of(const boost::program_options::variables_map& values);

} // namespace fa::reporting
