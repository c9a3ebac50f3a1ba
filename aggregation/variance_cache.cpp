#include "aggregation/variance_cache.hpp"

#include "store/layout.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include <fstream>
#include <set>
#include <string_view>

namespace fa::aggregation {
namespace {

using nlohmann::json;

constexpr const char* cache_schema = "fa-harness variance cache 1";

std::uint64_t checksum_of(const json& content)
{
    const auto text = content.dump();
    return crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
}

constexpr std::string_view prefix = "variance-";

std::filesystem::path path_of(const std::filesystem::path& store, const std::vector<std::string>& digests)
{
    return store / "cache" / fmt::format("{}{:08x}.json", prefix, checksum_of(json(digests)));
}

json to_json(const SquaredTotals& totals)
{
    return {{"squares", totals.squares},
            {"mean", totals.mean},
            {"seeds", totals.seeds},
            {"draws", totals.draws},
            {"batch_sizes", totals.batch_sizes},
            {"left_out", totals.left_out},
            {"seeds_left_out", totals.seeds_left_out}};
}

SquaredTotals from_json(const json& content)
{
    SquaredTotals totals;
    content.at("squares").get_to(totals.squares);
    // The mean of no samples is NaN, which JSON has no word for.
    totals.mean = content.at("mean").is_null() ? std::numeric_limits<double>::quiet_NaN()
                                               : content.at("mean").get<double>();
    content.at("seeds").get_to(totals.seeds);
    content.at("draws").get_to(totals.draws);
    content.at("batch_sizes").get_to(totals.batch_sizes);
    content.at("left_out").get_to(totals.left_out);
    content.at("seeds_left_out").get_to(totals.seeds_left_out);
    return totals;
}

} // namespace

std::optional<std::vector<SquaredTotals>> read_totals(const std::filesystem::path& store,
                                                      const std::vector<std::string>& digests)
{
    try {
        std::ifstream file(path_of(store, digests), std::ios::binary);
        if (!file) {
            return std::nullopt;
        }
        const auto content = json::parse(file);
        const auto& columns = content.at("columns");
        if (content.at("schema") != cache_schema || content.at("runs") != json(digests) ||
            content.at("crc32") != checksum_of(columns)) {
            return std::nullopt;
        }
        std::vector<SquaredTotals> totals;
        for (const auto& column : columns) {
            totals.push_back(from_json(column));
        }
        return totals;
    } catch (const std::exception&) {
        return std::nullopt; // corrupt or foreign: as if it weren't there
    }
}

void write_totals(const std::filesystem::path& store, const std::vector<std::string>& digests,
                  const std::vector<SquaredTotals>& totals) noexcept
{
    try {
        auto columns = json::array();
        for (const auto& column : totals) {
            columns.push_back(to_json(column));
        }
        // Parsed again, so that the checksum is that of what a reader sees.
        columns = json::parse(columns.dump());
        const json file{{"schema", cache_schema},
                        {"runs", digests},
                        {"crc32", checksum_of(columns)},
                        {"columns", columns}};
        std::filesystem::create_directories(store / "cache");
        store::write_whole_file(path_of(store, digests), file.dump() + "\n");
    } catch (...) {
        // The next report computes them again.
    }
}

void keep_totals_of(const std::filesystem::path& store,
                    const std::vector<std::vector<std::string>>& groups) noexcept
try {
    std::set<std::filesystem::path> kept;
    for (const auto& digests : groups) {
        kept.insert(path_of(store, digests).filename());
    }
    std::error_code error, ignored;
    for (std::filesystem::directory_iterator entry(store / "cache", error), end; !error && entry != end;
         entry.increment(error)) {
        const auto name = entry->path().filename();
        if (name.string().starts_with(prefix) && !kept.contains(name)) {
            std::filesystem::remove(entry->path(), ignored);
        }
    }
} catch (const std::exception&) { // out of memory: caches only take space
}

} // namespace fa::aggregation
