#include "harness/segment_folder.hpp"

#include "harness/file_bytes.hpp"
#include "models/checkpoint.hpp"
#include "models/safetensors_header.hpp"
#include "store/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

namespace fa::harness {
namespace {

constexpr const char* segment_schema = "fa-harness segment 1";
constexpr const char* counts_tensor = "gamma/fresh_histogram";
constexpr const char* checksum_key = "crc32";

/// zlib's crc32 of the metadata (but for itself) and of every tensor's name and bytes.
std::string checksum_of(const models::Checkpoint& segment)
{
    std::uint32_t crc = store::checksum({});
    const auto add = [&](std::span<const std::byte> bytes) {
        crc = store::combined_checksum(crc, store::checksum(bytes), bytes.size());
    };
    const auto add_text = [&](const std::string& text) { add(std::as_bytes(std::span(text))); };
    for (const auto& [key, value] : segment.metadata)
        if (key != checksum_key)
            add_text(key + "=" + value + "\n");
    for (const auto& [name, tensor] : segment.tensors) {
        add_text(name + "\n");
        add({static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()});
    }
    return fmt::format("{:08x}", crc);
}

std::optional<std::int64_t> number_in(const std::map<std::string, std::string>& metadata, const char* key)
{
    const auto found = metadata.find(key);
    std::int64_t number = 0;
    if (found == metadata.end())
        return std::nullopt;
    const auto* end = found->second.data() + found->second.size();
    const auto [rest, error] = std::from_chars(found->second.data(), end, number);
    return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

bool is_whole_blocks(jobs::Range draws, std::int64_t all)
{
    const auto block = jobs::draws_per_block(all);
    return draws.begin >= 0 && draws.begin < draws.end && draws.end <= all && draws.begin % block == 0 &&
           (draws.end % block == 0 || draws.end == all);
}

void check(bool right, const std::string& what)
{
    if (!right)
        throw std::runtime_error(what);
}

void check_tensor(const models::Checkpoint& segment, const std::string& name, at::ScalarType type,
                  const std::vector<std::int64_t>& shape)
{
    const auto found = segment.tensors.find(name);
    check(found != segment.tensors.end(), "it has no " + name);
    check(found->second.scalar_type() == type && found->second.sizes() == at::IntArrayRef(shape),
          name + " has another type or shape than this run's");
}

} // namespace

std::filesystem::path SegmentFolder::path_of(jobs::Range draws) const
{
    return folder_ / fmt::format("draws-{}-{}-{:.16}.safetensors", draws.begin, draws.end,
                                 std::string_view(run_.digest));
}

std::map<std::string, std::string> SegmentFolder::metadata(jobs::Range draws) const
{
    return {{"schema", segment_schema},
            {"digest", run_.digest},
            {"machine", machine_},
            {"first_draw", std::to_string(draws.begin)},
            {"draws", std::to_string(draws.size())}};
}

std::optional<jobs::Range> SegmentFolder::usable(const std::filesystem::path& file) const
try {
    const auto header = models::read_safetensors_header(file);
    const auto first = number_in(header.metadata, "first_draw"), count = number_in(header.metadata, "draws");
    if (!first || !count || *first < 0 || *count < 1 || *first >= run_.draws || *count > run_.draws - *first)
        return std::nullopt;
    const jobs::Range draws{*first, *first + *count};
    auto expected = metadata(draws);
    expected[checksum_key] = header.metadata.contains(checksum_key) ? header.metadata.at(checksum_key) : "";
    if (!is_whole_blocks(draws, run_.draws) || header.metadata != expected || file != path_of(draws))
        return std::nullopt;
    return draws;
} catch (const models::CheckpointError&) {
    return std::nullopt;
}

SegmentFolder::Found SegmentFolder::find() const
{
    Found found;
    std::error_code error;
    std::vector<jobs::Range> all;
    for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
         entry.increment(error)) {
        if (const auto draws = usable(entry->path())) {
            all.push_back(*draws);
            continue;
        }
        const bool unfinished = entry->path().extension() == ".tmp"; // its writer died, or writes it again
        found.discarded += unfinished ? 0 : 1;
        std::error_code ignored;
        std::filesystem::remove_all(entry->path(), ignored);
    }
    // Two jobs at once may have cut the draws differently.
    std::sort(all.begin(), all.end(), [](jobs::Range a, jobs::Range b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    for (const auto& draws : all)
        if (found.segments.empty() || draws.begin >= found.segments.back().end)
            found.segments.push_back(draws);
    return found;
}

void SegmentFolder::save(const FreshPart& part) const
{
    models::Checkpoint segment;
    segment.tensors = part.columns();
    segment.tensors[counts_tensor] = part.counts();
    segment.metadata = metadata(part.draws());
    segment.metadata[checksum_key] = checksum_of(segment);
    // Another job that finishes the same run removes the folder, also under the hands of this one.
    constexpr int tries = 3;
    for (int left = tries - 1;; --left)
        try {
            std::error_code shows_below;
            std::filesystem::create_directories(folder_, shows_below);
            models::write_safetensors(path_of(part.draws()), segment);
            return;
        } catch (const std::runtime_error&) {
            if (left == 0)
                throw;
        }
}

FreshPart SegmentFolder::load(jobs::Range draws) const
{
    const auto path = path_of(draws);
    auto segment = models::read_safetensors(read_bytes(path));
    auto expected = metadata(draws);
    expected[checksum_key] = checksum_of(segment);
    check(segment.metadata == expected, "it differs from its recorded crc32, or is of another run");

    DrawColumns columns;
    for (const auto& [name, shape] : column_shapes(run_, draws.size()))
        check_tensor(segment, name, at::kFloat, shape);
    check_tensor(segment, counts_tensor, at::kLong, empty_counts(run_.layers()).sizes().vec());
    for (const auto& [name, tensor] : segment.tensors)
        if (name != counts_tensor) {
            if (name.starts_with(value_column("")))
                check_tensor(segment, name, at::kDouble, {draws.size()});
            columns.emplace(name, tensor);
        }
    return {draws, std::move(columns), segment.tensors.at(counts_tensor)};
}

void SegmentFolder::discard(jobs::Range draws) const noexcept
{
    std::error_code ignored;
    std::filesystem::remove(path_of(draws), ignored);
}

} // namespace fa::harness
