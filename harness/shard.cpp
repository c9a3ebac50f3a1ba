#include "harness/shard.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fa::harness {
namespace {

constexpr std::size_t most_shards = 1'000'000;

/// A whole number without a sign; 0, which no shard has, for anything else.
std::size_t number_from(const std::string& text)
{
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stopped == end ? number : 0;
}

} // namespace

std::string to_string(const Shard& shard)
{
    return std::to_string(shard.number) + "/" + std::to_string(shard.count);
}

Shard shard_from(const std::string& text)
{
    const auto slash = text.find('/');
    Shard shard{0, 0};
    if (slash != std::string::npos)
        shard = {number_from(text.substr(0, slash)), number_from(text.substr(slash + 1))};
    if (shard.number < 1 || shard.number > shard.count || shard.count > most_shards)
        throw std::invalid_argument("--shard is '" + text +
                                    "'; right is i/n with 1 ≤ i ≤ n, such as 1/4 for the first of four");
    return shard;
}

jobs::Manifest of_shard(jobs::Manifest manifest, const std::optional<Shard>& shard)
{
    if (!shard)
        return manifest;
    std::vector<jobs::RunSpec> runs;
    for (std::size_t position = 0; position < manifest.runs.size(); ++position)
        if (shard->has(position))
            runs.push_back(std::move(manifest.runs[position]));
    manifest.runs = std::move(runs);
    return manifest;
}

} // namespace fa::harness
