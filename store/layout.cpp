#include "store/layout.hpp"

#include "store/error.hpp"
#include "store/posix_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <random>

#include <fcntl.h>
#include <unistd.h>

namespace fa::store {

namespace {

/// "<host>-<process>-<random>-<count>", without dots: target_of() tells by them where a name ends.
std::string unique_suffix()
{
    static std::atomic<unsigned> count{0};
    // Containers share host names and process ids; the random word tells them apart. It decides nothing but a
    // name.
    static const unsigned word = std::random_device{}();
    std::array<char, 17> host{}; // cut: with the longest run name the file name stays below 255 bytes
    ::gethostname(host.data(), host.size() - 1);
    std::string suffix = std::string(host.data()) + "-" + std::to_string(::getpid()) + "-" +
                         std::to_string(word) + "-" + std::to_string(count++);
    std::replace_if(suffix.begin(), suffix.end(), [](char c) { return c == '.' || c == '/'; }, '-');
    return suffix;
}

/// What a temporary file will be called in the end; nothing for any other file.
std::optional<std::filesystem::path> target_of(const std::filesystem::path& temporary)
{
    const std::string name = temporary.filename().string();
    const std::size_t end = name.rfind('.'); // the suffix has no dot
    if (!name.starts_with('.') || end < 2) {
        return std::nullopt;
    }
    return temporary.parent_path() / name.substr(1, end - 1);
}

} // namespace

std::filesystem::path temporary_name(const std::filesystem::path& path)
{
    return path.parent_path() / ("." + path.filename().string() + "." + unique_suffix());
}

std::filesystem::path Layout::temporary_run(std::string_view name) const
{
    return temporary_name(run(name));
}

void Layout::make_folders() const
{
    for (const auto& folder : {runs(), tables(), cache()}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) {
            throw StoreError(folder.string() + ": the folder can't be made: " + error.message());
        }
    }
}

void Layout::remove_leftovers() const noexcept
try {
    std::error_code error;
    for (const auto& folder : {root(), runs(), tables(), cache()}) {
        for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            const auto target = target_of(entry->path());
            if (target &&
                (std::filesystem::exists(*target, error) ||
                 (folder == runs() && std::filesystem::exists(run(target->stem().string()), error)))) {
                std::error_code ignored;
                std::filesystem::remove(entry->path(), ignored);
            }
        }
    }
} catch (const std::exception&) { // out of memory: leftovers only take space
}

void Layout::remove_segments(std::string_view name) const noexcept
try {
    std::error_code error;
    if (std::filesystem::remove_all(segments(name), error) > 0) {
        std::filesystem::remove(segments(), error); // fails while another run has some
    }
} catch (const std::exception&) { // likewise
}

void write_whole_file(const std::filesystem::path& path, std::string_view content)
{
    constexpr int most = 5;
    for (int attempt = 1;; ++attempt) {
        const std::filesystem::path temporary = temporary_name(path);
        try {
            PosixFile file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
            file.write(content);
            file.sync();
            file.close();
            rename_file(temporary, path);
            sync_folder(path);
            return;
        } catch (const StoreError&) {
            // Another job that ends meanwhile takes the temporary file for a leftover: once more.
            if (::unlink(temporary.c_str()) != 0 && errno == ENOENT && attempt < most) {
                continue;
            }
            throw;
        }
    }
}

} // namespace fa::store
