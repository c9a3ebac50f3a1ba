#include "store/layout.hpp"

#include "store/error.hpp"
#include "store/posix_file.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include <fcntl.h>
#include <unistd.h>

namespace fa::store {

namespace {

/// "<host>-<process>-<random>-<count>", without dots: remove_leftovers() tells by them where a name ends.
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

std::string temporary_prefix(const std::filesystem::path& path)
{
    std::string prefix = ".";
    prefix += path.filename().string();
    return prefix += ".";
}

} // namespace

std::filesystem::path temporary_name(const std::filesystem::path& path)
{
    return path.parent_path() / (temporary_prefix(path) += unique_suffix());
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

void Layout::remove_leftovers(std::string_view name) const noexcept
try {
    const std::string prefix = temporary_prefix(run(name));
    std::error_code error;
    for (std::filesystem::directory_iterator entry(runs(), error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string file = entry->path().filename().string();
        // The suffix has no dot: ".a.h5.b.h5.<suffix>" belongs to a run called "a.h5.b".
        if (file.starts_with(prefix) && file.find('.', prefix.size()) == std::string::npos) {
            std::error_code ignored;
            std::filesystem::remove(entry->path(), ignored);
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
    const std::filesystem::path temporary = temporary_name(path);
    try {
        PosixFile file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
        file.write(content);
        file.sync();
        file.close();
        rename_file(temporary, path);
        sync_folder(path);
    } catch (const StoreError&) {
        ::unlink(temporary.c_str());
        throw;
    }
}

} // namespace fa::store
