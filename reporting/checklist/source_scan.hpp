#pragma once
/// All rules over all of a user's Python.

#include "reporting/checklist/rules.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace fa::reporting {

struct SourceScan {
    std::size_t files = 0;                ///< looked through
    std::vector<Finding> findings;        ///< by pitfall, file and line
    std::vector<std::string> passed_over; ///< what wasn't looked through, with the reason
};

/// @param source  a folder or a file
/// @throws std::invalid_argument if there is none
SourceScan scan_source(const std::filesystem::path& source);

} // namespace fa::reporting
