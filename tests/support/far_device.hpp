#pragma once
/// A device that has nothing of a GPU but its distance: tensors on it live in memory that the host can't
/// touch (reading it ends the program by a signal), an operation that mixes them with tensors of the CPU
/// fails, and whatever makes the host wait for a value is counted. Its operations are the CPU's, on copies.
///
/// What it can't show: anything asynchronous (its streams have names, but no order), CUDA's own kernels, and
/// operations that CUDA lacks or rounds in another way.

#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

namespace fa::testing {

/// The device, registered with LibTorch by the first call.
at::Device far_device();

/// How often the host waited for a single value (.item(), a condition, an index by a mask) since it was
/// asked.
std::int64_t waits_of_host();

/// How many tensors came from the host since it was asked; numbers don't count.
std::int64_t arrivals();

/// Streams that became current since it was asked; and how often all of the device was waited for.
std::vector<std::int64_t> streams_entered();
std::int64_t device_waits();

} // namespace fa::testing
