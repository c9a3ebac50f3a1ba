/// Where the values of fresh draws come from: the cache, and only without it the samples.
#include "aggregation/audit.hpp"
#include "aggregation/statistics.hpp"
#include "aggregation/strategy_cache.hpp"
#include "synthetic_store.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace fa::aggregation;

namespace {

/// Bytes that this process has read so far, as Linux counts them; 0 where it doesn't say.
std::uint64_t bytes_read()
{
    std::ifstream counts("/proc/self/io");
    std::string key;
    std::uint64_t value = 0;
    while (counts >> key >> value) {
        if (key == "rchar:") {
            return value;
        }
    }
    return 0;
}

class FreshValuesOfAStore : public ::testing::Test {
  protected:
    FreshValuesOfAStore()
    {
        run.name = "one";
        run.batch_size = 128;
        run.draws = 200;
        run.depth = 4;
        fa::testing::write_manifest(
            layout, "name=one checkpoint=c.st data=d.h5 method=M batches=8 batch_size=128 draws=200\n");
        fa::testing::write_synthetic_run(layout, run);
    }
    /// What read_audit reads from the disk, and the fresh means that it finds.
    std::uint64_t read_bytes()
    {
        const auto before = bytes_read();
        const auto audit = read_audit(layout.root(), {});
        const auto read = bytes_read() - before;
        means.clear();
        for (const auto& strategy : audit.runs.front().result->strategies) {
            means.push_back(strategy.gamma.fresh_mean);
        }
        return read;
    }

    fa::testing::ScratchFolder folder;
    fa::store::Layout layout{folder / "store"};
    fa::testing::SyntheticRun run;
    std::vector<double> means;
    const std::uint64_t samples_bytes = std::uint64_t{200} * 1024 * 5 * sizeof(float);
};

TEST_F(FreshValuesOfAStore, ComeFromTheCacheWithoutASampleBeingRead)
{
    fa::testing::write_synthetic_cache(layout, run);
    const auto cached = read_cache(layout.root(), fa::testing::digest_of_synthetic(run));
    read_bytes(); // the first report of a group sums its samples for the variance decomposition, and keeps
                  // the sums
    const auto read = read_bytes();
    const auto strategies = default_strategies();
    for (std::size_t i = 0; i < strategies.size(); ++i) {
        EXPECT_EQ(means[i], mean(cached.at(strategies[i].text()))) << strategies[i].text();
    }
    if (bytes_read() == 0) {
        GTEST_SKIP() << "this system doesn't count the bytes that a process reads";
    }
    EXPECT_LT(read, samples_bytes / 2);
    EXPECT_GT(read,
              std::filesystem::file_size(layout.cache() / (fa::testing::digest_of_synthetic(run) + ".json")));
}

TEST_F(FreshValuesOfAStore, ComeFromTheSamplesWhereAStrategyIsNotCached)
{
    fa::testing::write_synthetic_cache(layout, run);
    read_bytes();
    const auto of_cache = means;
    std::filesystem::remove_all(layout.cache());
    const auto read = read_bytes();
    for (std::size_t i = 0; i < means.size(); ++i) {
        EXPECT_NE(means[i], of_cache[i]) << "invented values of the cache are no function of the samples";
    }
    if (bytes_read() > 0) {
        EXPECT_GE(read, samples_bytes);
    }
    EXPECT_LT(read_bytes(), samples_bytes / 2) << "what was computed is cached for the next report";
}

} // namespace
