#include "aggregation/strategy_cache.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

using namespace fa::aggregation;
using fa::testing::bytes_of;
using fa::testing::ScratchFolder;

namespace {

const StrategyValues values{{"pooled=mean,layers=mean", {0.1, std::nan(""), -1.0 / 3.0}},
                            {"concat,pooled=mean", {}}};

TEST(StrategyCache, GivesBackTheSameBits)
{
    const ScratchFolder store;
    write_cache(store.path(), "abc", values);
    const auto read = read_cache(store.path(), "abc");
    ASSERT_EQ(read.size(), 2U);
    const auto& draws = read.at("pooled=mean,layers=mean");
    EXPECT_EQ(draws[0], 0.1);
    EXPECT_TRUE(std::isnan(draws[1]));
    EXPECT_EQ(draws[2], -1.0 / 3.0);
    EXPECT_TRUE(read.at("concat,pooled=mean").empty());
}

TEST(StrategyCache, KeepsWhatWasThere)
{
    const ScratchFolder store;
    write_cache(store.path(), "abc", values);
    write_cache(store.path(), "abc", {{"flat,batches=mean,layers=mean", {1.0}}});
    EXPECT_EQ(read_cache(store.path(), "abc").size(), 3U);
}

TEST(StrategyCache, IsEmptyWithoutAFile)
{
    const ScratchFolder store;
    EXPECT_TRUE(read_cache(store.path(), "abc").empty());
}

TEST(StrategyCache, IgnoresAFileOfAnotherDigest)
{
    const ScratchFolder store;
    write_cache(store.path(), "abc", values);
    std::filesystem::copy_file(store / "cache/abc.json", store / "cache/def.json");
    EXPECT_TRUE(read_cache(store.path(), "def").empty());
}

TEST(StrategyCache, IgnoresADamagedFile)
{
    const ScratchFolder store;
    write_cache(store.path(), "abc", values);
    const auto whole = bytes_of(store / "cache/abc.json");
    auto changed = whole;
    changed.replace(changed.find("0.1"), 3, "0.2"); // still JSON: the checksum tells
    for (const auto& content : {changed, whole.substr(0, whole.size() / 2), std::string("{}"), std::string(),
                                std::string("[1, 2]"), std::string("\x89HDF\r\n")}) {
        store.write("cache/abc.json", content);
        EXPECT_TRUE(read_cache(store.path(), "abc").empty()) << content;
    }
}

TEST(StrategyCache, NeverLeavesItsFolder)
{
    const ScratchFolder store;
    write_cache(store / "inner", "../escaped", values);
    EXPECT_FALSE(std::filesystem::exists(store / "inner/escaped.json"));
    EXPECT_TRUE(read_cache(store / "inner", "../escaped").empty());
}

TEST(StrategyCache, ThatCannotBeWrittenIsNoError)
{
    const ScratchFolder store;
    store.write("cache", "a file where the folder should be");
    write_cache(store.path(), "abc", values);
    EXPECT_TRUE(read_cache(store.path(), "abc").empty());
}

} // namespace
