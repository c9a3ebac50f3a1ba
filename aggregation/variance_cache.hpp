#pragma once
/// DIR/cache/variance-<crc32>.json: the squared totals of a group's Γ_fresh, so that the next report doesn't
/// read every sample again. A convenience: what is missing or doesn't verify is computed from the run files.

#include "aggregation/variance_sums.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fa::aggregation {

/// @param digests  of the group's runs, in order
/// @returns        nothing where there is no valid file of just these runs
std::optional<std::vector<SquaredTotals>> read_totals(const std::filesystem::path& store,
                                                      const std::vector<std::string>& digests);
/// Appears whole or not at all. Failure is no error: the cache is a convenience.
void write_totals(const std::filesystem::path& store, const std::vector<std::string>& digests,
                  const std::vector<SquaredTotals>& totals) noexcept;
/// Removes the files of all but these groups: a group that has got another run never asks for its former one.
/// @param groups  digests as above
void keep_totals_of(const std::filesystem::path& store,
                    const std::vector<std::vector<std::string>>& groups) noexcept;

} // namespace fa::aggregation
