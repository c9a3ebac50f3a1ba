#pragma once
/// Γ of blocks of draws on a GPU. Builds without CUDA have these functions, too (gpu_gamma_absent.cpp).

#include "diagnostics/gamma_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace fa::diagnostics {

/// Loads the kernels that these sources launch, and makes the GPU the current one. CUDA would load each at
/// its first launch, where memory that is full by then, or a driver that can't compile its PTX, ends the
/// process.
/// @param gpu  its index
/// @returns    how many there are
/// @throws c10::OutOfMemoryError, GpuError
/// @throws std::logic_error in a build without CUDA
std::size_t load_gpu_kernels(int gpu);

/// Γ by the GPU that holds the task's batches: within 2e-6 of the exact value, as the CPU's engine, and the
/// same bits on the same kind of GPU, whichever blocks are asked for and whatever `in_flight` is.
///
/// Takes all its memory and copies what it needs of the batches before it returns, once everything that was
/// asked of the GPU before is done. Then `begin` only queues (orthogonal and permuted draws, which the CPU
/// makes, are made in it), and `finish` waits for the block that it returns. One thread at a time.
/// @param in_flight  blocks under way at most: 2, or 1 for half the memory of results
/// @throws std::invalid_argument if shapes disagree or the batches aren't on a GPU
/// @throws c10::OutOfMemoryError from here; from the source only where CUDA lacks memory of its own
/// @throws GpuError from here and from the source, wherever CUDA or cuBLAS fail
/// @throws std::logic_error in a build without CUDA
std::unique_ptr<GammaSource> gpu_gamma_source(const GammaTask& task, int in_flight);

/// Bytes that such a source takes on the GPU.
/// @param draws   a checked spec
/// @param batches, batch_size, most_draws  B, N, and draws in a block
std::uint64_t gpu_gamma_bytes(const DrawSpec& draws, std::int64_t batches, std::int64_t batch_size,
                              std::int64_t most_draws, int in_flight);

} // namespace fa::diagnostics
