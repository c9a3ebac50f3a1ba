#include "aggregation/pairing.hpp"

#include <map>

namespace fa::aggregation {
namespace {

/// By seed; nothing where a seed is unknown or stands twice.
std::optional<std::map<std::uint64_t, const GroupMember*>> by_seed(const Members& members)
{
    std::map<std::uint64_t, const GroupMember*> seeds;
    for (const auto* member : members) {
        if (!member->seed || !seeds.emplace(*member->seed, member).second) {
            return std::nullopt;
        }
    }
    return seeds;
}

} // namespace

Matched match(const Members& first, const Members& second)
{
    const auto own = by_seed(first);
    const auto other = by_seed(second);
    Matched pairs;
    if (own && other) {
        for (const auto& [seed, member] : *own) {
            if (const auto found = other->find(seed); found != other->end()) {
                pairs.first.push_back(member);
                pairs.second.push_back(found->second);
            }
        }
    }
    pairs.paired = pairs.first.size() > 1 || (pairs.first.size() == 1 && first.size() + second.size() == 2);
    if (!pairs.paired) {
        return {first, second, false, 0};
    }
    pairs.without_counterpart = first.size() + second.size() - 2 * pairs.first.size();
    return pairs;
}

} // namespace fa::aggregation
