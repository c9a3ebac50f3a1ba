#pragma once
#include <string>

namespace fa::reporting {

/// What gnuplot writes to its standard output for a script. Neither passes a shell or a file's name: both
/// go through files without one.
/// @throws GnuplotError (figure.hpp) if gnuplot isn't installed, or with its first complaint
std::string run_gnuplot(const std::string& script);

} // namespace fa::reporting
