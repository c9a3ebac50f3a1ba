#pragma once
/// DIR/cache/<digest>.json: the value of each strategy for each draw, written by the ranks while Γ was in
/// memory. A convenience: what is missing or doesn't verify is recomputed from the run file.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fa::aggregation {

/// strategy text → value per draw, [R], of the float32 Γ that the run file holds; NaN where undefined.
/// The pooled mean of one layer is kept as well, under `layer_key`.
using StrategyValues = std::map<std::string, std::vector<double>>;

/// "layer 0: pooled=mean": the name under which a layer's pooled mean per draw is cached.
std::string layer_key(std::size_t layer);

/// What the cache holds for a run; empty if there is no (valid) file: one of another digest, another format,
/// with a wrong checksum, or no JSON at all.
StrategyValues read_cache(const std::filesystem::path& store, const std::string& digest);
/// Merges with what is there; appears whole or not at all. Failure is no error: the cache is a convenience.
void write_cache(const std::filesystem::path& store, const std::string& digest,
                 const StrategyValues& values) noexcept;
/// Forgets what the cache holds for a run. Failure is no error.
void remove_cache(const std::filesystem::path& store, const std::string& digest) noexcept;

} // namespace fa::aggregation
