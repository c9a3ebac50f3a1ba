#pragma once
#include <cstdint>
#include <filesystem>

namespace fa::harness {

/// What this process may fill of the machine's memory: the physical memory, or what a container, a Slurm job
/// (its control groups) or SLURM_MEM_PER_NODE leaves of it.
std::uint64_t usable_memory();

/// Hands memory that was freed back to the system, where the C library would keep it for later.
void release_freed_memory() noexcept;

/// The least of the limits of a control group and those above it (version 2, `memory.max`), or no limit.
/// @param mount  where control groups are mounted
/// @param group  "/a/b", as /proc/self/cgroup says
std::uint64_t control_group_limit(const std::filesystem::path& mount, std::filesystem::path group);

} // namespace fa::harness
