#include "store/attempt_record.hpp"

#include "store/posix_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace fa::store {

namespace {

std::string this_host()
{
    std::array<char, 256> name{};
    ::gethostname(name.data(), name.size() - 1);
    return name.data();
}

} // namespace

bool is_in_hand(const AttemptRecord& attempt)
{
    return attempt.pid > 0 && attempt.host == this_host() &&
           (::kill(static_cast<pid_t>(attempt.pid), 0) == 0 || errno == EPERM);
}

AttemptRecord attempt_of_this_process(AttemptRecord attempt)
{
    attempt.host = this_host();
    attempt.pid = ::getpid();
    return attempt;
}

void record_attempt(const Layout& layout, const std::string& name, const AttemptRecord& attempt) noexcept
try {
    const nlohmann::ordered_json record = {{"begun", attempt.begun},
                                           {"saved", attempt.saved},
                                           {"ranks", attempt.ranks},
                                           {"host", attempt.host},
                                           {"pid", attempt.pid}};
    PosixFile file(layout.attempt(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    file.write(record.dump() + "\n" + std::string(static_cast<std::size_t>(attempt.told_to_stop), stop_mark));
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
    std::string line, marks;
    std::getline(file, line);
    std::getline(file, marks);
    const auto record = nlohmann::json::parse(line, nullptr, false);
    AttemptRecord attempt;
    const auto read = [&](const char* key, std::int64_t& number) {
        if (record.is_object() && record.contains(key) && record[key].is_number_integer()) {
            number = record[key].get<std::int64_t>();
        }
    };
    read("begun", attempt.begun);
    read("saved", attempt.saved);
    read("ranks", attempt.ranks);
    read("pid", attempt.pid);
    if (record.is_object() && record.contains("host") && record["host"].is_string()) {
        attempt.host = record["host"].get<std::string>();
    }
    attempt.told_to_stop = std::count(marks.begin(), marks.end(), stop_mark);
    return attempt;
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
