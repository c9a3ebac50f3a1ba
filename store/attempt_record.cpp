#include "store/attempt_record.hpp"

#include "store/posix_file.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

#include <fcntl.h>

namespace fa::store {

void record_attempt(const Layout& layout, const std::string& name, const AttemptRecord& attempt) noexcept
try {
    const nlohmann::ordered_json record = {{"begun", attempt.begun}, {"saved", attempt.saved}};
    PosixFile file(layout.attempt(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    file.write(record.dump() + "\n");
    file.close();
} catch (const std::exception&) { // see above
}

std::optional<AttemptRecord> read_attempt(const Layout& layout, const std::string& name)
{
    const std::filesystem::path path = layout.attempt(name);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto record = nlohmann::json::parse(text, nullptr, false);
    const auto field = [&](const char* key, std::int64_t otherwise) {
        return record.is_object() && record.contains(key) && record[key].is_number_integer()
                   ? record[key].get<std::int64_t>()
                   : otherwise;
    };
    const AttemptRecord unknown;
    return AttemptRecord{field("begun", unknown.begun), field("saved", unknown.saved)};
}

void clear_attempt(const Layout& layout, const std::string& name) noexcept
try {
    std::error_code ignored;
    std::filesystem::remove(layout.attempt(name), ignored);
} catch (const std::exception&) { // out of memory: a run is tried last once, for nothing
}

std::int64_t count_segments(const Layout& layout, const std::string& name)
{
    std::int64_t count = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(layout.segments(name), error), end; !error && entry != end;
         entry.increment(error)) {
        count += entry->path().extension() == ".safetensors" ? 1 : 0;
    }
    return count;
}

} // namespace fa::store
