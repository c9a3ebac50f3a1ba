#include "harness/seat_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace fa::harness {
namespace {

constexpr std::size_t hosts_shown = 3; ///< at each end of a list that is too long

using Ranks = std::vector<std::size_t>;

/// Ranks of equal keys, in the order of the lowest rank of each.
template <typename Key>
std::vector<Ranks> ranks_by(std::span<const Seat> seats, const Key& key)
{
    std::map<std::string, std::size_t> places;
    std::vector<Ranks> groups;
    for (std::size_t rank = 0; rank < seats.size(); ++rank) {
        const auto [place, is_new] = places.try_emplace(key(seats[rank]), groups.size());
        if (is_new)
            groups.emplace_back();
        groups[place->second].push_back(rank);
    }
    return groups;
}

std::vector<Ranks> ranks_by_gpu(std::span<const Seat> seats)
{
    return ranks_by(seats, [](const Seat& seat) { return std::string(seat.uuid); });
}

std::string name_of(const Seat& seat)
{
    return gpu_name(seat.gpu, seat.model);
}

/// " (and so on for 2 more)"
std::string and_more(std::size_t others)
{
    return others == 0 ? "" : fmt::format(" (and so on for {} more)", others);
}

/// "ranks 0, 2 on GPU 0 at 0000:1B:00.0": a launcher may show each rank one GPU alone, so that the index
/// tells little.
std::string ranks_on_gpu(const Ranks& ranks, const Seat& seat)
{
    return fmt::format("rank{} {} on GPU {}{}{}", ranks.size() == 1 ? "" : "s", fmt::join(ranks, ", "),
                       seat.gpu, seat.bus[0] == '\0' ? "" : " at ", seat.bus);
}

/// "n1: ranks 0, 2 on GPU 0 at …; rank 1 on GPU 1 at …"
std::string host_text(std::span<const Seat> seats, const Ranks& on_host, const std::vector<Ranks>& by_gpu)
{
    const std::string host = seats[on_host.front()].host;
    std::string text;
    for (const auto& ranks : by_gpu)
        if (const auto& seat = seats[ranks.front()]; seat.host == host)
            text += (text.empty() ? host + ": " : "; ") + ranks_on_gpu(ranks, seat);
    return text;
}

} // namespace

std::string unusable_gpus(std::span<const Seat> seats, bool on_gpus)
{
    const auto leaves_one = [](const Seat& seat) { return seat.unusable > 0; };
    const auto seat = std::ranges::find_if(seats, leaves_one);
    if (seat == seats.end())
        return "";
    const auto others = std::ranges::count_if(seats, leaves_one) - 1;
    return fmt::format("{} can't compute on a GPU that it sees{}, and {}: {}",
                       shown(static_cast<std::size_t>(seat - seats.begin()), *seat),
                       and_more(static_cast<std::size_t>(others)),
                       on_gpus ? "leaves it alone" : "all compute on CPUs", seat->reason);
}

std::string shared_gpus(std::span<const Seat> seats)
{
    const auto groups = ranks_by_gpu(seats);
    const auto most = std::ranges::max_element(groups, {}, &Ranks::size);
    if (most == groups.end() || most->size() == 1)
        return "";
    const auto& seat = seats[most->front()];
    const auto others = std::ranges::count_if(groups, [](const auto& ranks) { return ranks.size() > 1; }) - 1;
    return fmt::format("ranks {} share {} of host {}{}: {} ranks compute on {} GPU{}; one rank on each ({} "
                       "in all) would be right: ranks that share one divide its memory, and in one team "
                       "exchange without NCCL",
                       fmt::join(*most, ", "), name_of(seat), seat.host,
                       and_more(static_cast<std::size_t>(others)), seats.size(), groups.size(),
                       groups.size() == 1 ? "" : "s", groups.size());
}

std::string divided_gpus(std::span<const Seat> seats)
{
    auto groups = ranks_by(seats, [](const Seat& seat) { return fmt::format("{} {}", seat.host, seat.bus); });
    std::erase_if(groups, [&](const Ranks& ranks) {
        const auto& first = seats[ranks.front()];
        const auto is_same_part = [&](std::size_t rank) {
            return std::string_view(seats[rank].uuid) == first.uuid;
        };
        return first.bus[0] == '\0' || std::ranges::all_of(ranks, is_same_part);
    });
    if (groups.empty())
        return "";
    const auto& seat = seats[groups[0].front()];
    return fmt::format("ranks {} compute on parts (MIG) of one GPU, {} of host {} at {}{}: NCCL doesn't "
                       "connect parts of a GPU, so that a team with several of them exchanges over MPI",
                       fmt::join(groups[0], ", "), seat.model, seat.host, seat.bus,
                       and_more(groups.size() - 1));
}

std::string devices_text(std::span<const Seat> seats, bool on_gpus)
{
    if (seats.empty())
        return "";
    if (!on_gpus)
        return fmt::format("  device  CPU: {} has no GPU to compute on: {}\n", shown(0, seats[0]),
                           seats[0].reason);
    auto text = fmt::format("  device  {}\n", seats[0].model);
    const auto by_gpu = ranks_by_gpu(seats);
    const auto hosts = ranks_by(seats, [](const Seat& seat) { return std::string(seat.host); });
    const bool all = hosts.size() <= 4 * hosts_shown;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        if (!all && i == hosts_shown) {
            i = hosts.size() - hosts_shown;
            text += fmt::format("          … {} hosts\n", i - hosts_shown);
        }
        text += fmt::format("          {}\n", host_text(seats, hosts[i], by_gpu));
    }
    return text;
}

} // namespace fa::harness
