#pragma once
/// What the Γ of a block of draws is computed with. The orchestration (block_gamma.hpp) and every kernel's
/// body are written against an executor, and so run on the host in the tests as they do on a GPU:
///
///     launch(count, body)                body(0) … body(count − 1) in any order; body is a struct of plain
///     values with
///                                        FA_HOST_DEVICE void operator()(std::int64_t) const
///     gemm(Gemm, const T*, const T*, T*) of float or double, see `Gemm`
///     upload(to, from, bytes)            from the host, to the device
///     download(slot, to, from, bytes)    from the device, after all that was asked for so far, while what is
///     asked for
///                                        next may already run
///     enter()                            what follows is this thread's work on this device
///     wait(slot)                         until the slot's last download has arrived
///     finish()                           until all is done
///
/// Everything but the last two only queues. cuda_executor.cuh has CUDA's, tests/diagnostics/host_executor.hpp
/// loops.

#include <cstddef>
#include <cstdint>

namespace fa::diagnostics::device {

/// C = op(A)·op(B) for matrices stored column by column, as cuBLAS has it: m × n from m × k and k × n,
/// `batch` times, `stride_…` elements apart (0: the same one every time).
struct Gemm {
    std::int64_t m, n, k;
    bool transpose_a = false, transpose_b = false;
    std::int64_t lda, stride_a = 0; ///< leading dimensions: elements from one stored column to the next
    std::int64_t ldb, stride_b = 0;
    std::int64_t ldc, stride_c = 0;
    std::int64_t batch = 1;
};

/// Device memory, handed out part by part. Without memory it only counts, so that the same code says how much
/// it takes.
class Arena {
  public:
    explicit Arena(std::byte* memory = nullptr) : memory_(memory) {}

    template <typename T>
    T* take(std::int64_t count)
    {
        constexpr std::uint64_t alignment = 512; // as cudaMalloc's
        T* part = memory_ ? reinterpret_cast<T*>(memory_ + bytes_) : nullptr;
        bytes_ += (static_cast<std::uint64_t>(count) * sizeof(T) + alignment - 1) / alignment * alignment;
        return part;
    }
    std::uint64_t bytes() const { return bytes_; }

  private:
    std::byte* memory_;
    std::uint64_t bytes_ = 0;
};

} // namespace fa::diagnostics::device
