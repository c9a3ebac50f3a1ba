#include "harness/shard.hpp"

#include <gmock/gmock.h>

#include <set>
#include <stdexcept>

namespace fa::harness {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

jobs::Manifest manifest_of(int runs)
{
    jobs::Manifest manifest{.text = "the whole text", .runs = {}};
    for (int i = 0; i < runs; ++i) {
        jobs::RunSpec spec;
        spec.name = std::to_string(i);
        manifest.runs.push_back(spec);
    }
    return manifest;
}

std::vector<std::string> names_of(int runs, const std::optional<Shard>& shard)
{
    std::vector<std::string> names;
    for (const auto& spec : of_shard(manifest_of(runs), shard).runs)
        names.push_back(spec.name);
    return names;
}

TEST(Shard, TakesEveryNthRunFromItsPlaceOn)
{
    EXPECT_THAT(names_of(8, Shard{1, 3}), ElementsAre("0", "3", "6"));
    EXPECT_THAT(names_of(8, Shard{2, 3}), ElementsAre("1", "4", "7"));
    EXPECT_THAT(names_of(8, Shard{3, 3}), ElementsAre("2", "5"));
}

TEST(Shard, EveryRunIsInExactlyOne)
{
    for (const std::size_t count : {1U, 2U, 7U, 100U}) {
        std::multiset<std::string> all;
        for (std::size_t number = 1; number <= count; ++number)
            for (const auto& name : names_of(20, Shard{number, count}))
                all.insert(name);
        EXPECT_EQ(all.size(), 20U) << count;
        EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 20U) << count;
    }
}

TEST(Shard, BeyondTheRunsIsEmpty)
{
    EXPECT_THAT(names_of(2, Shard{3, 5}), IsEmpty());
}

TEST(Shard, LeavesTheManifestsTextWhole)
{
    EXPECT_EQ(of_shard(manifest_of(4), Shard{2, 2}).text, "the whole text");
}

TEST(Shard, WithoutOneAllRunsStay)
{
    EXPECT_THAT(names_of(3, std::nullopt), ElementsAre("0", "1", "2"));
}

TEST(Shard, IsReadFromItsText)
{
    EXPECT_EQ(to_string(shard_from("1/1")), "1/1");
    EXPECT_EQ(to_string(shard_from("17/400")), "17/400");
}

TEST(Shard, RefusesAnythingElseWithWhatWouldBeRight)
{
    for (const char* text : {"", "/", "3", "0/4", "5/4", "-1/4", "1/0", "1/4/2", "a/b", "1/4 ", " 1/4",
                             "+1/4", "1.0/4", "1/99999999999999999999", "1/1000001"}) {
        try {
            shard_from(text);
            FAIL() << text << " was accepted";
        } catch (const std::invalid_argument& error) {
            EXPECT_THAT(error.what(), HasSubstr("1 ≤ i ≤ n")) << text;
        }
    }
}

} // namespace
} // namespace fa::harness
