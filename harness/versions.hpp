#pragma once
#include <string>

namespace fa::harness {

/// Versions of the program and of everything linked, one a line.
std::string versions_text();

} // namespace fa::harness
