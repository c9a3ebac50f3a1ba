#pragma once
/// --shard i/n: which runs of a manifest one of several jobs measures (design 8: they share the folder).

#include "jobs/manifest.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace fa::harness {

/// The i-th of n parts of a manifest, 1 ≤ i ≤ n: the runs at the positions p (from 0) with p mod n = i − 1. A
/// run's shard follows from its place in the manifest alone, so that what one job can't read moves no run of
/// another's.
struct Shard {
    std::size_t number = 1;
    std::size_t count = 1;

    bool has(std::size_t position) const { return position % count == number - 1; }
};

/// "2/8".
std::string to_string(const Shard& shard);

/// @throws std::invalid_argument saying what would be right
Shard shard_from(const std::string& text);

/// The manifest with the shard's runs alone, in its order; the text stays whole. All runs without a shard.
jobs::Manifest of_shard(jobs::Manifest manifest, const std::optional<Shard>& shard);

} // namespace fa::harness
