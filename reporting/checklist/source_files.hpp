#pragma once
/// A user's Python, file by file.

#include "reporting/checklist/python_source.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace fa::reporting {

/// What is read at most; more is passed over, with a word.
inline constexpr std::uintmax_t largest_module = std::uintmax_t{4} << 20U;    ///< bytes of a .py
inline constexpr std::uintmax_t largest_notebook = std::uintmax_t{32} << 20U; ///< bytes of an .ipynb
inline constexpr std::size_t most_files = 20'000;

/// A file's code: one source, or of a notebook one a code cell.
struct SourceFile {
    std::vector<PythonSource> sources;
};

struct Walk {
    std::vector<std::filesystem::path> files; ///< *.py and *.ipynb, sorted
    std::vector<std::string> passed_over;     ///< sentences: "big.py: 9 MB, …"
};

/// All *.py and *.ipynb below a folder (or the file itself). Links are not followed; `.git` and other hidden
/// folders, `__pycache__`, `node_modules`, `site-packages` and virtual environments are left out.
/// @throws std::invalid_argument if there is no such folder or file
Walk python_files(const std::filesystem::path& source);

/// @param shown  the name that findings bear
/// @throws std::runtime_error with a sentence for what can't be read or is no notebook
SourceFile read_source(const std::filesystem::path& file, const std::string& shown);

} // namespace fa::reporting
