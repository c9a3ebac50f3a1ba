#pragma once
#include "jobs/run_spec.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace fa::jobs {

/// Everything that is wrong with a manifest, one message a line, each "runs.txt:7: …".
struct ManifestError : std::runtime_error {
    explicit ManifestError(std::vector<std::string> messages);
    std::vector<std::string> messages;
};

struct Manifest {
    std::string text; ///< the file, verbatim: what `DIR/manifest.txt` keeps
    std::vector<RunSpec> runs;
};

/// Should the files that a manifest names exist? fa-report reads the copy in the store, where they may not.
enum class Paths { must_exist, unchecked };

/// Reads a manifest (design 5). All errors are collected, with line numbers and the nearest known key.
/// @throws ManifestError
Manifest read_manifest(const std::filesystem::path& path, Paths paths = Paths::must_exist);
/// The same from text; `folder` is what relative paths are relative to, `shown_name` stands in messages.
Manifest parse_manifest(const std::string& text, const std::filesystem::path& folder,
                        const std::string& shown_name, Paths paths);

} // namespace fa::jobs
