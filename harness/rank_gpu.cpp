#include "harness/rank_gpu.hpp"

#include "harness/nccl_collectives.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

namespace fa::harness {
namespace {

bool same_gpu(const RankGpu& a, const RankGpu& b)
{
    return !a.uuid.empty() && !b.uuid.empty() && (a.uuid == b.uuid || (a.host == b.host && a.bus == b.bus));
}

/// "0 and 2", "0, 1 and 2"
std::string enumerated(const std::vector<int>& ranks)
{
    return fmt::format("{} and {}", fmt::join(ranks.begin(), ranks.end() - 1, ", "), ranks.back());
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

std::optional<SharedGpu> shared_gpu(const std::vector<RankGpu>& ranks)
{
    for (auto first = ranks.begin(); first != ranks.end(); ++first) {
        SharedGpu shared{.ranks = {first->rank}, .host = first->host, .index = first->index};
        for (auto other = first + 1; other != ranks.end(); ++other)
            if (same_gpu(*first, *other))
                shared.ranks.push_back(other->rank);
        if (shared.ranks.size() > 1)
            return shared;
    }
    return std::nullopt;
}

bool have_gpus_of_their_own(const std::vector<RankGpu>& ranks)
{
    const bool all =
        std::none_of(ranks.begin(), ranks.end(), [](const auto& rank) { return rank.uuid.empty(); });
    return ranks.size() > 1 && all && !shared_gpu(ranks);
}

std::string shared_gpu_notice(const std::vector<std::vector<RankGpu>>& teams)
{
    std::optional<SharedGpu> first;
    int others = 0;
    for (const auto& ranks : teams)
        if (auto shared = shared_gpu(ranks)) {
            others += first ? 1 : 0;
            first = first ? first : std::move(shared);
        }
    if (!first)
        return "";
    const auto more = others == 0   ? std::string()
                      : others == 1 ? std::string(" (and so do ranks of another team)")
                                    : fmt::format(" (and so do ranks of {} other teams)", others);
    return fmt::format(
        "ranks {} share GPU {} of host {}{}: their {} over MPI; give each rank a GPU of its own "
        "for NCCL",
        enumerated(first->ranks), first->index, first->host, more,
        others == 0 ? "team reduces" : "teams reduce");
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
