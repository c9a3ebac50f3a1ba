#include "harness/rank_gpu.hpp"

#include "diagnostics/gpu_error.hpp"
#include "diagnostics/gpus.hpp"

#include <algorithm>
#include <string>
#include <unistd.h>

namespace fa::harness {
namespace {

bool same_gpu(const RankGpu& a, const RankGpu& b)
{
    return !a.uuid.empty() && !b.uuid.empty() && (a.uuid == b.uuid || (a.host == b.host && a.bus == b.bus));
}

/// As it travels.
struct PackedGpu {
    char host[256], uuid[64], bus[32];
};

template <std::size_t size>
void put(const std::string& text, char (&to)[size])
{
    text.copy(to, size - 1);
}

diagnostics::Gpu gpu_at(at::Device device)
{
    const auto all = diagnostics::gpus();
    const auto found = std::ranges::find(all, static_cast<int>(device.index()), &diagnostics::Gpu::index);
    if (found == all.end())
        throw diagnostics::GpuError("GPU " + std::to_string(device.index()) + " isn't there any more");
    return *found;
}

} // namespace

bool have_gpus_of_their_own(const std::vector<RankGpu>& ranks)
{
    for (auto first = ranks.begin(); first != ranks.end(); ++first) {
        const auto is_its = [&](const RankGpu& other) { return same_gpu(*first, other); };
        if (first->uuid.empty() || std::any_of(first + 1, ranks.end(), is_its))
            return false;
    }
    return ranks.size() > 1;
}

std::vector<RankGpu> rank_gpus(const comm::Communicator& group, at::Device device)
{
    PackedGpu mine{};
    gethostname(mine.host, sizeof mine.host - 1);
    if (device.is_cuda()) {
        const auto gpu = gpu_at(device);
        put(gpu.uuid, mine.uuid);
        put(gpu.bus, mine.bus);
    }
    std::vector<RankGpu> all;
    for (const auto& gpu : group.all_gather(mine))
        all.push_back({.host = gpu.host, .uuid = gpu.uuid, .bus = gpu.bus});
    return all;
}

} // namespace fa::harness
