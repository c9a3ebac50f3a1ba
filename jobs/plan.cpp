#include "jobs/plan.hpp"

#include "diagnostics/philox.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace fa::jobs {

std::int64_t draws_per_block(std::int64_t draws)
{
    return std::min<std::int64_t>(32, draws / 8 + (draws % 8 != 0 ? 1 : 0));
}

std::vector<Range> draw_blocks(std::int64_t draws)
{
    std::vector<Range> blocks;
    const std::int64_t size = draws_per_block(draws);
    for (std::int64_t begin = 0; begin < draws; begin += size) {
        blocks.push_back({begin, std::min(begin + size, draws)});
    }
    return blocks;
}

Range share(std::int64_t items, int rank, int ranks)
{
    // rank × (items mod ranks) instead of rank × items: no overflow however many items there are.
    const std::int64_t each = items / ranks;
    const std::int64_t longer = items % ranks;
    const auto begin = [&](std::int64_t r) { return r * each + std::min(r, longer); };
    return {begin(rank), begin(std::int64_t{rank} + 1)};
}

std::vector<std::int64_t> evaluation_samples(std::int64_t samples, std::int64_t count,
                                             std::uint64_t eval_seed)
{
    if (count < 0 || count > samples || samples > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("can't take " + std::to_string(count) +
                                    " evaluation samples from a test split of " + std::to_string(samples));
    }
    struct Keyed {
        std::uint64_t key;
        std::int64_t index;
        bool operator<(const Keyed& other) const
        {
            return key != other.key ? key < other.key : index < other.index;
        }
    };
    std::vector<Keyed> order(static_cast<std::size_t>(samples));
    for (std::int64_t index = 0; index < samples; ++index) {
        const auto words =
            random::philox(eval_seed, random::Purpose::evaluation, 0, 0, static_cast<std::uint32_t>(index));
        order[static_cast<std::size_t>(index)] = {words[0] | std::uint64_t{words[1]} << 32, index};
    }
    std::partial_sort(order.begin(), order.begin() + count, order.end());
    std::vector<std::int64_t> chosen;
    for (std::int64_t i = 0; i < count; ++i) {
        chosen.push_back(order[static_cast<std::size_t>(i)].index);
    }
    return chosen;
}

} // namespace fa::jobs
