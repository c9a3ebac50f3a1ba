#include "harness/segment_folder.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace fa::harness {
namespace {

namespace fs = std::filesystem;

/// 40 draws in 8 blocks of 5.
store::RunAttributes small_run(const std::string& keep = "samples")
{
    store::RunAttributes run;
    run.name = "dfa-s42";
    run.credit = "dfa";
    run.depth = 1;
    run.width = {4, 4};
    run.classes = 3;
    run.batches = 2;
    run.batch_size = 3;
    run.draws = 40;
    run.test_samples = 20;
    run.keep = keep;
    run.digest = "aaaaaaaaaaaaaaaaaaaaaaaaaaaabeef";
    return run;
}

/// Every number follows from the column's name, the draw and the place in its row.
double number(const std::string& column, std::int64_t draw, std::int64_t place)
{
    return static_cast<double>(column.size()) + 100.0 * static_cast<double>(draw) +
           0.25 * static_cast<double>(place % 7);
}

FreshPart part_of(const store::RunAttributes& run, jobs::Range draws)
{
    FreshPart part(run, draws, {"pooled=mean,layers=mean", "layer 0: pooled=mean"});
    for (const auto& [name, column] : part.columns())
        for (auto draw = draws.begin; draw < draws.end; ++draw) {
            const auto row = column[draw - draws.begin].view(-1);
            for (std::int64_t i = 0; i < row.numel(); ++i)
                row[i].fill_(number(name, draw, i));
        }
    for (std::int64_t bin = 0; bin < 2048; bin += 64)
        part.counts()[1][bin].fill_(bin + draws.begin);
    return part;
}

class Segments : public ::testing::Test {
  protected:
    std::size_t files() const
    {
        std::error_code none;
        const fs::directory_iterator all(layout.segments(run.name), none);
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    void save(std::int64_t begin, std::int64_t end) const { folder.save(part_of(run, {begin, end})); }
    std::vector<std::pair<int, int>> found(const SegmentFolder& in) const
    {
        std::vector<std::pair<int, int>> ranges;
        for (const auto& draws : in.find().segments)
            ranges.emplace_back(draws.begin, draws.end);
        return ranges;
    }
    /// Is the error of a load; empty: it went well.
    std::string error_of(jobs::Range draws) const
    {
        try {
            folder.load(draws);
            return "";
        } catch (const std::runtime_error& error) {
            return error.what();
        }
    }
    using Ranges = std::vector<std::pair<int, int>>;

    fa::testing::ScratchFolder scratch;
    store::Layout layout{scratch.path()};
    store::RunAttributes run = small_run();
    SegmentFolder folder{layout, run, "Intel avx2, LibTorch 2.13.0"};
};

TEST_F(Segments, GiveBackEveryNumber)
{
    save(10, 25);
    const auto part = folder.load({10, 25});
    EXPECT_EQ(part.draws().begin, 10);
    EXPECT_EQ(part.draws().end, 25);
    EXPECT_EQ(part.columns().at("gamma/fresh").sizes(), (at::IntArrayRef{15, 6, 2}));
    EXPECT_EQ(part.columns().size(), 6u); // four datasets, two keys' values
    for (const auto& [name, column] : part.columns())
        for (std::int64_t draw = 10; draw < 25; ++draw) {
            const auto row = column[draw - 10].view(-1);
            for (std::int64_t i = 0; i < row.numel(); ++i)
                ASSERT_EQ(row[i].item<double>(), number(name, draw, i)) << name << " " << draw << " " << i;
        }
    EXPECT_EQ(part.counts()[1][64].item<std::int64_t>(), 74);
    EXPECT_EQ(part.counts()[0].sum().item<std::int64_t>(), 0);
}

TEST_F(Segments, OfBatchesHaveTheirSummaries)
{
    run = small_run("batches");
    save(0, 5);
    const auto part = folder.load({0, 5});
    EXPECT_FALSE(part.has("gamma/fresh"));
    for (const char* name : {"gamma/fresh_mean", "gamma/fresh_median", "gamma/fresh_iqm", "gamma/fresh_angle",
                             "gamma/fresh_count"})
        EXPECT_TRUE(part.has(name)) << name;
}

TEST_F(Segments, AreFoundInTheOrderOfTheirDraws)
{
    EXPECT_TRUE(found(folder).empty());
    save(25, 40);
    save(0, 5);
    save(10, 25);
    EXPECT_EQ(found(folder), (Ranges{{0, 5}, {10, 25}, {25, 40}}));
    EXPECT_EQ(folder.find().discarded, 0);
}

TEST_F(Segments, ThatOverlapAreTakenOnce)
{
    save(0, 20);
    save(0, 10); // another job cut differently
    save(10, 30);
    save(20, 40);
    EXPECT_EQ(found(folder), (Ranges{{0, 20}, {20, 40}}));
}

TEST_F(Segments, OfOtherInputsAreDiscarded)
{
    save(0, 5);
    auto other = run;
    other.digest[3] = 'f';
    const SegmentFolder changed(layout, other, "Intel avx2, LibTorch 2.13.0");
    const auto found = changed.find();
    EXPECT_TRUE(found.segments.empty());
    EXPECT_EQ(found.discarded, 1);
    EXPECT_EQ(files(), 0u);
}

TEST_F(Segments, OfAnotherDigestUnderTheSameNameAreDiscarded)
{
    save(0, 5); // the name has but the digest's first 16 digits
    auto other = run;
    other.digest.back() = '0';
    EXPECT_EQ(SegmentFolder(layout, other, "Intel avx2, LibTorch 2.13.0").find().discarded, 1);
}

TEST_F(Segments, OfAnotherMachineAreDiscarded)
{
    save(0, 5);
    EXPECT_EQ(SegmentFolder(layout, run, "AMD avx2, LibTorch 2.13.0").find().discarded, 1);
    EXPECT_EQ(files(), 0u);
}

TEST_F(Segments, ThatAreRenamedAreDiscarded)
{
    save(0, 5);
    fs::rename(folder.path_of({0, 5}), folder.path_of({5, 10}));
    EXPECT_EQ(folder.find().discarded, 1);
    EXPECT_EQ(files(), 0u);
}

TEST_F(Segments, OfOtherBlocksAreDiscarded)
{
    save(0, 7);
    EXPECT_EQ(folder.find().discarded, 1);
}

TEST_F(Segments, ThatWereNeverFinishedGoSilently)
{
    save(0, 5);
    scratch.write("segments/dfa-s42/draws-5-10-aaaaaaaaaaaaaaaa.safetensors.host.1.0.tmp", "half");
    EXPECT_EQ(folder.find().discarded, 0);
    EXPECT_EQ(files(), 1u);
}

TEST_F(Segments, AreNotReadWhereAnyByteDiffers)
{
    save(0, 5);
    const auto whole = fa::testing::bytes_of(folder.path_of({0, 5}));
    for (std::size_t at = 0; at < whole.size(); at += at < 1200 ? 7 : 997) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 4);
        std::ofstream(folder.path_of({0, 5}), std::ios::binary) << damaged;
        EXPECT_NE(error_of({0, 5}), "") << "byte " << at;
    }
    std::ofstream(folder.path_of({0, 5}), std::ios::binary) << whole;
    EXPECT_EQ(error_of({0, 5}), "");
}

TEST_F(Segments, AreNotReadWhereTheyAreCutShort)
{
    save(0, 5);
    for (const std::size_t size : {0u, 7u, 100u, 3000u}) {
        fs::resize_file(folder.path_of({0, 5}), size);
        EXPECT_NE(error_of({0, 5}), "") << size;
    }
    EXPECT_EQ(folder.find().discarded, 1);
}

TEST_F(Segments, ThatAreGoneSayWhere)
{
    EXPECT_THAT(error_of({0, 5}), ::testing::HasSubstr(folder.path_of({0, 5}).string()));
}

TEST_F(Segments, AreSavedThoughAnotherJobRemovesTheFolder)
{
    save(0, 5);
    layout.remove_segments(run.name);
    EXPECT_FALSE(fs::exists(layout.segments()));
    save(5, 10);
    EXPECT_EQ(found(folder), (Ranges{{5, 10}}));
}

TEST_F(Segments, ThatCantBeWrittenSayWhere)
{
    scratch.write("segments", "a file where the folder should be");
    try {
        save(0, 5);
        FAIL() << "saved";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("segments/dfa-s42"));
    }
}

TEST(PartOfDraws, TakesTheRowsThatBothHave)
{
    const auto run = small_run();
    FreshPart mine(run, {10, 30}, {"pooled=mean,layers=mean", "layer 0: pooled=mean"});
    mine.adopt(part_of(run, {0, 15}));  // counted by whoever has draw 0
    mine.adopt(part_of(run, {15, 25})); // counted here
    mine.adopt(part_of(run, {25, 40})); // counted here, though it reaches further
    mine.adopt(part_of(run, {35, 40})); // nothing in common
    for (const auto& [name, column] : mine.columns())
        for (std::int64_t draw = 10; draw < 30; ++draw)
            ASSERT_EQ(column[draw - 10].view(-1)[0].item<double>(), number(name, draw, 0)) << name << draw;
    EXPECT_EQ(mine.counts()[1][64].item<std::int64_t>(), (64 + 15) + (64 + 25));
}

} // namespace
} // namespace fa::harness
