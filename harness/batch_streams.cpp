#include "harness/batch_streams.hpp"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <map>
#include <string>
#include <utility>

namespace fa::harness {
namespace {

/// Always the same ones: LibTorch's pool hands out 32 in turn, and its allocator keeps memory for each.
c10::Stream stream_of(const c10::impl::VirtualGuardImpl& its, at::Device device, std::size_t place)
{
    static std::map<std::pair<std::string, std::size_t>, c10::Stream> known;
    const auto key = std::pair(device.str(), place);
    if (const auto found = known.find(key); found != known.end())
        return found->second;
    return known.emplace(key, its.getStreamFromGlobalPool(device)).first->second;
}

} // namespace

BatchStreams::BatchStreams(at::Device device, std::size_t count) : device_(device)
{
    if (device_.is_cpu())
        return;
    const c10::impl::VirtualGuardImpl its(device_.type());
    synchronise();
    if (count == 1)
        streams_.push_back(its.getStream(device_));
    while (streams_.size() < count)
        streams_.push_back(stream_of(its, device_, streams_.size()));
}

void BatchStreams::run(std::int64_t turn, const std::function<void()>& step) const
{
    if (streams_.empty()) {
        step();
        return;
    }
    const auto& stream = streams_[static_cast<std::size_t>(turn) % streams_.size()];
    stream.synchronize();
    const c10::StreamGuard here(stream);
    step();
}

void BatchStreams::synchronise() const
{
    if (!device_.is_cpu())
        c10::impl::VirtualGuardImpl(device_.type()).synchronizeDevice(device_.index());
}

} // namespace fa::harness
