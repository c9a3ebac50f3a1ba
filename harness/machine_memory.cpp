#include "harness/machine_memory.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

namespace fa::harness {
namespace {

constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();

/// A file's number; "max" and what can't be read limit nothing.
std::uint64_t limit_in(const std::filesystem::path& file)
{
    std::uint64_t bytes = 0;
    return std::ifstream(file) >> bytes && bytes > 0 ? bytes : no_limit;
}

/// Version 1's and 2's lines of /proc/self/cgroup: "7:memory:/a/b", "0::/a/b".
std::uint64_t own_group_limit()
{
    std::uint64_t limit = no_limit;
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const auto controllers = line.find(':') + 1, path = line.find(':', controllers) + 1;
        const auto names = line.substr(controllers, path - 1 - controllers);
        if (names.empty())
            limit = std::min(limit, control_group_limit("/sys/fs/cgroup", line.substr(path)));
        else if (names == "memory")
            limit = std::min(
                limit, limit_in("/sys/fs/cgroup/memory" + line.substr(path) + "/memory.limit_in_bytes"));
    }
    return limit;
}

std::uint64_t slurm_limit()
{
    const char* mebibytes = std::getenv("SLURM_MEM_PER_NODE");
    const auto count = mebibytes ? std::strtoull(mebibytes, nullptr, 10) : 0;
    return count > 0 ? std::uint64_t{count} << 20 : no_limit;
}

} // namespace

std::uint64_t control_group_limit(const std::filesystem::path& mount, std::filesystem::path group)
{
    std::uint64_t limit = no_limit;
    for (group = group.relative_path();; group = group.parent_path()) {
        limit = std::min(limit, limit_in(mount / group / "memory.max"));
        if (group.empty())
            return limit;
    }
}

std::uint64_t usable_memory()
{
    const auto physical = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return std::min({physical, own_group_limit(), slurm_limit()});
}

void release_freed_memory() noexcept
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

} // namespace fa::harness
