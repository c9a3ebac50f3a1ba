#include "models/safetensors_header.hpp"

#include "models/dtype.hpp"
#include "models/foreign_file.hpp"
#include "models/shown.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

namespace fa::models {
namespace {

using nlohmann::json;

/// {"name": {"shape": […]}} nests three deep; anything deeper is no safetensors header.
constexpr int max_nesting = 3;

/// Parses the header's JSON. Duplicate keys, which nlohmann-json would quietly merge, and deep nesting are
/// errors.
json parse_json(std::string_view text)
{
    std::vector<std::set<std::string>> open_objects;
    int nesting = 0;
    const auto check = [&](int, json::parse_event_t event, json& parsed) {
        using Event = json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start)
            if (++nesting > max_nesting)
                throw CheckpointError("safetensors header nests deeper than " + std::to_string(max_nesting) +
                                      " levels; tensors are {\"dtype\", \"shape\", \"data_offsets\"}");
        if (event == Event::object_end || event == Event::array_end)
            --nesting;
        if (event == Event::object_start)
            open_objects.emplace_back();
        if (event == Event::object_end)
            open_objects.pop_back();
        if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second)
            throw CheckpointError("safetensors header has the key " + shown(parsed.get<std::string>()) +
                                  " twice");
        return true;
    };
    try {
        return json::parse(text, check);
    } catch (const json::exception& problem) {
        constexpr std::size_t longest_reason = 200; // it may quote a number of any length
        throw CheckpointError("safetensors header is not JSON: " +
                              std::string(problem.what()).substr(0, longest_reason));
    }
}

std::uint64_t unsigned_number(const json& value, const std::string& what)
{
    // The format's numbers are usize; 1.0 or -1 or 1e3 are as wrong as a string.
    if (!value.is_number_unsigned() ||
        value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw CheckpointError(what + " is not an integer of 0 … 2^63 - 1");
    return value.get<std::uint64_t>();
}

const json& member(const json& tensor, const char* key, const std::string& what)
{
    const auto found = tensor.find(key);
    if (found == tensor.end())
        throw CheckpointError(what + " has no \"" + key + "\"");
    return *found;
}

TensorEntry parse_entry(const std::string& name, const json& value, std::uint64_t data_bytes)
{
    const std::string what = "tensor " + shown(name);
    if (!value.is_object())
        throw CheckpointError(what + " is not described by an object with dtype, shape and data_offsets");
    const auto& dtype = member(value, "dtype", what);
    const auto& shape = member(value, "shape", what);
    const auto& offsets = member(value, "data_offsets", what);
    if (value.size() != 3)
        throw CheckpointError(what + " has other keys than dtype, shape and data_offsets");

    const auto type_name = dtype.is_string() ? dtype.get<std::string>() : "";
    const auto type = dtype_of_safetensors(type_name);
    if (!type)
        throw CheckpointError(what + ": dtype " + shown(type_name) + " is not one of " +
                              known_safetensors_names());
    TensorEntry entry{.name = name, .dtype = *type, .shape = {}};
    if (!shape.is_array() || shape.size() > 64)
        throw CheckpointError(what + ": shape is not a list of at most 64 integers");
    for (const auto& axis : shape)
        entry.shape.push_back(static_cast<std::int64_t>(unsigned_number(axis, what + ": an entry of shape")));
    if (!offsets.is_array() || offsets.size() != 2)
        throw CheckpointError(what + ": data_offsets is not [begin, end]");
    entry.begin = unsigned_number(offsets[0], what + ": begin of data_offsets");
    entry.end = unsigned_number(offsets[1], what + ": end of data_offsets");

    const auto range = "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
    if (entry.begin > entry.end)
        throw CheckpointError(what + ": data_offsets " + range + " end before they begin");
    if (entry.end > data_bytes)
        throw CheckpointError(what + ": data_offsets " + range + " reach beyond the file's " +
                              std::to_string(data_bytes) + " bytes of data (truncated?)");
    const auto expected = tensor_bytes(entry.dtype, entry.shape);
    if (!expected)
        throw CheckpointError(what + ": shape " + shown(entry.shape) + " has more than 2^63 bytes");
    if (entry.end - entry.begin != *expected)
        throw CheckpointError(what + ": data_offsets " + range + " hold " +
                              std::to_string(entry.end - entry.begin) + " bytes, but " + type_name + " " +
                              shown(entry.shape) + " has " + std::to_string(*expected));
    return entry;
}

std::map<std::string, std::string> parse_metadata(const json& value)
{
    if (!value.is_object())
        throw CheckpointError("safetensors __metadata__ is not an object of strings");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string())
            throw CheckpointError("safetensors __metadata__: " + shown(key) + " is not a string");
        metadata[key] = text.get<std::string>();
    }
    return metadata;
}

/// The data has neither holes nor overlaps: the format asks for it, and it leaves no place to hide bytes.
void check_contiguous(std::vector<TensorEntry>& entries, std::uint64_t data_bytes)
{
    std::ranges::sort(entries, [](const auto& a, const auto& b) {
        return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::uint64_t covered = 0;
    for (const auto& entry : entries) {
        if (entry.begin != covered)
            throw CheckpointError("tensor " + shown(entry.name) + " begins at data offset " +
                                  std::to_string(entry.begin) + ", where the one before it ends at " +
                                  std::to_string(covered) +
                                  (entry.begin < covered ? " (they overlap)" : " (a hole)"));
        covered = entry.end;
    }
    if (covered != data_bytes)
        throw CheckpointError("safetensors data has " + std::to_string(data_bytes) +
                              " bytes, but the tensors end at " + std::to_string(covered));
}

/// Length of the JSON, checked against the file.
std::uint64_t header_bytes(std::span<const std::byte> front, std::uint64_t file_bytes)
{
    static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");
    if (file_bytes < 8 || front.size() < 8)
        throw CheckpointError("safetensors file has " + std::to_string(file_bytes) +
                              " bytes; 8 with the header's length must come first (truncated?)");
    std::uint64_t length = 0;
    std::memcpy(&length, front.data(), 8);
    const bool impossible = length > max_header_bytes || length > file_bytes - 8;
    if (const auto known = impossible ? foreign_file(front) : std::nullopt)
        throw CheckpointError(*known);
    if (impossible)
        throw CheckpointError(
            "safetensors header claims " + std::to_string(length) + " bytes, but the file has " +
            std::to_string(file_bytes - 8) +
            " behind its first 8 (truncated, or neither a safetensors nor a torch.save file?)");
    return length;
}

} // namespace

SafetensorsHeader parse_safetensors_header(std::span<const std::byte> front, std::uint64_t file_bytes)
{
    const auto length = header_bytes(front, file_bytes);
    if (front.size() - 8 < length)
        throw CheckpointError("safetensors header is cut off");
    const std::string_view text(reinterpret_cast<const char*>(front.data()) + 8, length);
    if (!text.starts_with('{'))
        throw CheckpointError("safetensors header does not start with '{' (not a safetensors file?)");
    const auto parsed = parse_json(text);

    SafetensorsHeader header;
    header.data_start = 8 + length;
    const auto data_bytes = file_bytes - header.data_start;
    for (const auto& [name, value] : parsed.items())
        if (name == "__metadata__")
            header.metadata = parse_metadata(value);
        else
            header.entries.push_back(parse_entry(name, value, data_bytes));
    check_contiguous(header.entries, data_bytes);
    return header;
}

SafetensorsHeader read_safetensors_header(const std::filesystem::path& file)
{
    std::error_code problem;
    const auto file_bytes = std::filesystem::file_size(file, problem);
    if (problem)
        throw CheckpointError(file.string() + ": " + problem.message());
    std::ifstream stream(file, std::ios::binary);
    std::vector<char> front(8);
    const auto read = [&](std::size_t offset, std::size_t count) {
        stream.read(front.data() + offset, static_cast<std::streamsize>(count));
        if (!stream)
            throw CheckpointError(file.string() + ": can't read its first " + std::to_string(offset + count) +
                                  " bytes");
    };
    const auto bytes = [&] { return std::as_bytes(std::span(front)); };
    try {
        if (file_bytes >= 8)
            read(0, 8);
        const auto length = header_bytes(bytes(), file_bytes);
        front.resize(8 + length);
        read(8, length);
        return parse_safetensors_header(bytes(), file_bytes);
    } catch (const CheckpointError& error) {
        const std::string message = error.what();
        throw CheckpointError(message.starts_with(file.string()) ? message : file.string() + ": " + message);
    }
}

} // namespace fa::models
