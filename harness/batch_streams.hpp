#pragma once
#include <c10/core/Device.h>
#include <c10/core/Stream.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace fa::harness {

/// Streams of a device on which batches take turns, so that the copies and the kernels of one overlap those
/// of another. The CPU has none: a step is done when it returns.
///
/// LibTorch's allocator hands a tensor's memory on within its stream alone, so tensors made in different
/// streams never share any. What is made in a stream may be read elsewhere after `synchronise`.
class BatchStreams {
  public:
    /// Waits for the device: what steps read is there, and no memory of theirs is in use elsewhere.
    /// @param count  1: the current stream
    BatchStreams(at::Device device, std::size_t count);

    /// Runs a step on the stream of its turn, once what that stream did before is done: no more than `count`
    /// steps are under way.
    void run(std::int64_t turn, const std::function<void()>& step) const;

    /// Waits for all steps.
    void synchronise() const;

  private:
    at::Device device_;
    std::vector<c10::Stream> streams_;
};

} // namespace fa::harness
