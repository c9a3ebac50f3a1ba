#pragma once
/// A GPU's place taken by the host: the same orchestration and kernel bodies (diagnostics/cuda/), plain loops
/// for what CUDA and cuBLAS do.

#include "diagnostics/cuda/block_gamma_of.hpp"
#include "diagnostics/cuda/device_source.hpp"

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

namespace fa::testing {

/// When queued work runs: as soon as it is queued, or not before somebody waits for it. A device may do
/// either.
enum class Schedule { at_once, as_late_as_possible };

/// Sums in the precision of the matrices, as a GPU's, term after term.
template <typename Real>
void slow_gemm(const diagnostics::device::Gemm& shape, const Real* a, const Real* b, Real* c)
{
    const auto check = [](std::int64_t leading, std::int64_t stored_rows) { // cuBLAS refuses these
        if (leading < std::max<std::int64_t>(1, stored_rows))
            throw std::invalid_argument("a leading dimension is shorter than a column");
    };
    check(shape.lda, shape.transpose_a ? shape.k : shape.m);
    check(shape.ldb, shape.transpose_b ? shape.n : shape.k);
    check(shape.ldc, shape.m);
    if (shape.batch > 1 && shape.stride_c == 0)
        throw std::invalid_argument("products of a batch overwrite each other");
    for (std::int64_t batch = 0; batch < shape.batch;
         ++batch, a += shape.stride_a, b += shape.stride_b, c += shape.stride_c) {
        for (std::int64_t column = 0; column < shape.n; ++column) {
            for (std::int64_t row = 0; row < shape.m; ++row) {
                Real sum = 0;
                for (std::int64_t k = 0; k < shape.k; ++k)
                    sum += (shape.transpose_a ? a[row * shape.lda + k] : a[k * shape.lda + row]) *
                           (shape.transpose_b ? b[k * shape.ldb + column] : b[column * shape.ldb + k]);
                c[column * shape.ldc + row] = sum;
            }
        }
    }
}

/// See diagnostics/cuda/executor.hpp.
class HostExecutor {
  public:
    explicit HostExecutor(Schedule schedule) : schedule_(schedule) {}
    ~HostExecutor() { finish(); }

    template <typename Body>
    void launch(std::int64_t count, const Body& body)
    {
        if (count < 1)
            throw std::invalid_argument("CUDA refuses to launch nothing");
        queue([=] {
            for (std::int64_t index = count; index-- > 0;) // no order is promised
                body(index);
        });
    }

    template <typename Real>
    void gemm(const diagnostics::device::Gemm& shape, const Real* a, const Real* b, Real* c)
    {
        queue([=] { slow_gemm(shape, a, b, c); });
    }

    void upload(void* to, const void* from, std::size_t bytes)
    {
        queue([=] { std::memcpy(to, from, bytes); });
    }

    void download(std::size_t slot, void* to, const void* from, std::size_t bytes)
    {
        queue([=] { std::memcpy(to, from, bytes); }, slot);
    }

    void enter() {}

    void wait(std::size_t slot)
    {
        while (!work_.empty()) {
            const auto next = std::move(work_.front());
            work_.pop_front();
            next.run();
            if (next.download == slot)
                return;
        }
    }

    void finish()
    {
        while (!work_.empty())
            wait(work_.front().download.value_or(0));
    }

  private:
    struct Work {
        std::function<void()> run;
        std::optional<std::size_t> download;
    };
    Schedule schedule_;
    std::deque<Work> work_;

    void queue(std::function<void()> run, std::optional<std::size_t> download = {})
    {
        if (schedule_ == Schedule::at_once)
            run();
        else
            work_.push_back({std::move(run), download});
    }
};

inline diagnostics::device::DeviceBackend host_backend(Schedule schedule = Schedule::at_once)
{
    constexpr std::size_t library = 512;
    return {.library_bytes = library,
            .make = [schedule](const auto& plan, const auto& inputs, std::byte* memory, const auto& slots) {
                return diagnostics::device::block_gamma_of<HostExecutor>(
                    plan, inputs, memory + library, slots, std::make_unique<HostExecutor>(schedule));
            }};
}

} // namespace fa::testing
