#include "diagnostics/philox.hpp"
#include "models/resmlp.hpp"
#include "training/initialise.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <set>

namespace fa::training {
namespace {

TEST(InitialTensors, EntriesAreTheKeyedUniformOfTheFanIn)
{
    const auto tensors = initial_tensors(9, 40, 16, 2, 10);
    std::uint32_t position = 0;
    for (const auto& [name, shape] : models::resmlp_layout(40, 16, 16, 2, 10)) {
        const auto flat = tensors.at(name).flatten();
        const bool norm = name.find("ln.") != std::string::npos;
        const double fan_in = name.starts_with("embed") ? 40 : 16;
        for (std::int64_t e = 0; e < flat.numel(); ++e) {
            const auto words = random::philox(9, random::Purpose::initialisation, 0, position,
                                              static_cast<std::uint32_t>(e / 4));
            const auto u = random::uniform01(words[static_cast<std::size_t>(e % 4)]);
            const double expected =
                norm ? (name.ends_with("weight") ? 1 : 0) : (2 * u - 1) / std::sqrt(fan_in);
            ASSERT_NEAR(flat[e].item<double>(), expected, 1e-8) << name << "[" << e << "]";
        }
        ++position;
    }
    EXPECT_EQ(tensors.size(), position);
}

TEST(EpochOrder, IsAPermutation)
{
    const auto order = epoch_order(3, 0, 1000);
    std::set<std::int64_t> seen;
    for (std::int64_t i = 0; i < 1000; ++i)
        seen.insert(order[i].item<std::int64_t>());
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(*seen.begin(), 0);
    EXPECT_EQ(*seen.rbegin(), 999);
}

TEST(EpochOrder, IsSortedByTheKeysOfSeedAndEpoch)
{
    const auto order = epoch_order(3, 5, 50);
    const auto word = [](std::int64_t element) {
        return random::philox(3, random::Purpose::shuffle, 5, 0,
                              static_cast<std::uint32_t>(element / 4))[static_cast<std::size_t>(element % 4)];
    };
    for (std::int64_t i = 1; i < 50; ++i) {
        const auto before = order[i - 1].item<std::int64_t>();
        const auto here = order[i].item<std::int64_t>();
        EXPECT_LE(std::pair(word(2 * before), word(2 * before + 1)),
                  std::pair(word(2 * here), word(2 * here + 1)));
    }
}

TEST(EpochOrder, DiffersBetweenEpochsAndSeeds)
{
    EXPECT_FALSE(epoch_order(3, 0, 100).equal(epoch_order(3, 1, 100)));
    EXPECT_FALSE(epoch_order(3, 0, 100).equal(epoch_order(4, 0, 100)));
    EXPECT_TRUE(epoch_order(3, 0, 100).equal(epoch_order(3, 0, 100)));
}

} // namespace
} // namespace fa::training
