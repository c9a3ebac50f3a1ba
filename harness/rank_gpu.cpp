#include "harness/rank_gpu.hpp"

#include "harness/nccl_collectives.hpp"

#include <algorithm>
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
    int index;
};

template <std::size_t size>
void put(const std::string& text, char (&to)[size])
{
    text.copy(to, size - 1);
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
        const auto name = name_of_gpu(device);
        put(name.uuid, mine.uuid);
        put(name.bus, mine.bus);
        mine.index = device.index();
    }
    std::vector<RankGpu> all;
    for (const auto& gpu : group.all_gather(mine))
        all.push_back({.rank = static_cast<int>(all.size()),
                       .host = gpu.host,
                       .uuid = gpu.uuid,
                       .bus = gpu.bus,
                       .index = gpu.index});
    return all;
}

} // namespace fa::harness
