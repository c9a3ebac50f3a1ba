#include "aggregation/strategy_cache.hpp"

#include "aggregation/statistics.hpp"
#include "store/layout.hpp"

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <iterator>

namespace fa::aggregation {
namespace {

using nlohmann::json;

constexpr const char* cache_schema = "fa-harness cache 1";

std::filesystem::path cache_path(const std::filesystem::path& store, const std::string& digest)
{
    return store / "cache" / (digest + ".json");
}

/// A digest becomes a file name: nothing but letters and digits may be in it.
bool is_digest(const std::string& digest)
{
    return !digest.empty() && std::all_of(digest.begin(), digest.end(),
                                          [](unsigned char letter) { return std::isalnum(letter) != 0; });
}

std::uint64_t checksum_of(const json& values)
{
    const auto text = values.dump();
    return crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
}

json to_json(const StrategyValues& values)
{
    auto result = json::object();
    for (const auto& [strategy, draws] : values) {
        auto& array = result[strategy] = json::array();
        for (const double value : draws) {
            array.push_back(std::isnan(value) ? json(nullptr) : json(value)); // JSON knows no NaN
        }
    }
    return result;
}

StrategyValues from_json(const json& values)
{
    StrategyValues result;
    for (const auto& [strategy, draws] : values.items()) {
        auto& kept = result[strategy];
        for (const auto& value : draws) {
            kept.push_back(value.is_null() ? undefined : value.get<double>());
        }
    }
    return result;
}

} // namespace

std::string layer_key(std::size_t layer)
{
    return "layer " + std::to_string(layer) + ": pooled=mean";
}

StrategyValues read_cache(const std::filesystem::path& store, const std::string& digest)
{
    if (!is_digest(digest)) {
        return {};
    }
    try {
        std::ifstream file(cache_path(store, digest), std::ios::binary);
        if (!file) {
            return {};
        }
        const auto content = json::parse(file);
        if (content.at("schema") != cache_schema || content.at("digest") != digest ||
            content.at("crc32") != checksum_of(content.at("values"))) {
            return {};
        }
        return from_json(content.at("values"));
    } catch (const std::exception&) {
        return {}; // corrupt or foreign: as if it weren't there
    }
}

void write_cache(const std::filesystem::path& store, const std::string& digest,
                 const StrategyValues& values) noexcept
{
    try {
        if (!is_digest(digest)) {
            return;
        }
        auto merged = read_cache(store, digest);
        for (const auto& [strategy, draws] : values) {
            merged[strategy] = draws;
        }
        const auto content = to_json(merged);
        const json file{{"schema", cache_schema},
                        {"digest", digest},
                        {"crc32", checksum_of(content)},
                        {"values", content}};
        std::filesystem::create_directories(store / "cache");
        store::write_whole_file(cache_path(store, digest), file.dump() + "\n");
    } catch (...) {
        // The next report recomputes the values.
    }
}

void remove_cache(const std::filesystem::path& store, const std::string& digest) noexcept
try {
    std::error_code ignored;
    if (is_digest(digest)) {
        std::filesystem::remove(cache_path(store, digest), ignored);
    }
} catch (const std::exception&) { // out of memory: a cache only takes space
}

} // namespace fa::aggregation
