#include "models/mapped_file.hpp"

#include "models/checkpoint_error.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fa::models {
namespace {

/// To touch a mapped page that its file no longer has is a SIGBUS, which would end the whole job. The handler
/// puts zeros in its place: no byte of a checkpoint is believed anyway, and check_still_whole() tells
/// afterwards.
struct Mapping {
    std::atomic<std::uintptr_t> start{0}; ///< 0: not in use
    std::atomic<std::size_t> size{0};
    std::atomic<bool> lost{false};
};
std::array<Mapping, 64> mappings; // a handler must not allocate
struct sigaction other_handler;

bool put_zeros(std::uintptr_t address)
{
    const auto page = address & ~(static_cast<std::uintptr_t>(::getpagesize()) - 1);
    for (auto& mapping : mappings) {
        const auto start = mapping.start.load();
        const auto end = start + mapping.size.load();
        if (start == 0 || address < start || address >= end)
            continue;
        mapping.lost = true;
        return ::mmap(reinterpret_cast<void*>(page), end - page, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    }
    return false;
}

void on_bus_error(int, siginfo_t* info, void*)
{
    const int before = errno;
    if (!put_zeros(
            reinterpret_cast<std::uintptr_t>(info->si_addr))) { // none of ours: whoever was there before
        ::sigaction(SIGBUS, &other_handler, nullptr);
        ::raise(SIGBUS);
    }
    errno = before;
}

void watch_for_bus_errors()
{
    static const bool watching = [] {
        struct sigaction action = {};
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO;
        sigemptyset(&action.sa_mask);
        return ::sigaction(SIGBUS, &action, &other_handler) == 0;
    }();
    static_cast<void>(watching);
}

/// @returns nothing where all places are taken: then the file is mapped unwatched
std::atomic<bool>* watch(std::span<const std::byte> bytes)
{
    watch_for_bus_errors();
    for (auto& mapping : mappings) {
        std::uintptr_t unused = 0;
        if (!mapping.start.compare_exchange_strong(unused, reinterpret_cast<std::uintptr_t>(bytes.data())))
            continue;
        mapping.lost = false;
        mapping.size = bytes.size();
        return &mapping.lost;
    }
    return nullptr;
}

void stop_watching(std::span<const std::byte> bytes)
{
    for (auto& mapping : mappings)
        if (mapping.start == reinterpret_cast<std::uintptr_t>(bytes.data())) {
            mapping.size = 0;
            mapping.start = 0;
        }
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    void* start = nullptr;
    int problem = descriptor < 0 || ::fstat(descriptor, &status) != 0 ? errno : 0;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (problem == 0 && size > 0) { // nothing of no length can be mapped
        start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        problem = start == MAP_FAILED ? errno : 0;
    }
    if (descriptor >= 0)
        ::close(descriptor);
    if (problem != 0)
        throw CheckpointError(path.string() + ": " + std::strerror(problem));
    bytes_ = {static_cast<const std::byte*>(start), start == nullptr ? 0 : size};
    if (!bytes_.empty())
        lost_ = watch(bytes_);
}

MappedFile::~MappedFile()
{
    if (bytes_.empty())
        return;
    if (lost_ != nullptr)
        stop_watching(bytes_);
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::check_still_whole() const
{
    if (lost_ != nullptr && *lost_)
        throw CheckpointError(path_.string() + ": became shorter, or unreadable, while it was read");
}

} // namespace fa::models
