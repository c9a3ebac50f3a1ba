#pragma once
/// The table of a manifest's keys (design 5): which there are and what each does to a run.

#include "jobs/manifest.hpp"
#include "jobs/run_spec.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace fa::jobs {

/// What a value may depend on beside itself.
struct Place {
    std::filesystem::path folder; ///< of the manifest: what relative paths are relative to
    Paths paths;
};

/// All keys, in the manual's order.
std::span<const std::string_view> manifest_keys();

/// Sets what `key=value` says in `run`.
/// @throws std::invalid_argument for an unknown key or an impossible value, saying what would be right
void apply(RunSpec& run, const std::string& key, const std::string& value, const Place& place);

} // namespace fa::jobs
