/// Runs that are missing, failed or damaged: listed with their reasons, beside the others.
#include "aggregation/report.hpp"
#include "audited_store.hpp"
#include "store/error.hpp"
#include "store/failure_record.hpp"
#include "store/hdf5.hpp"
#include "tests/store/seal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <fstream>

using namespace fa::aggregation;
using fa::testing::Store;
using fa::testing::SyntheticRun;
using ::testing::AllOf;
using ::testing::HasSubstr;

namespace {

/// Puts `rows` doubles in a dataset's place; 0: takes it away.
void replace_dataset(const std::filesystem::path& run, const char* dataset, hsize_t rows)
{
    const hid_t file = H5Fopen(run.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    ASSERT_GE(file, 0);
    H5Ldelete(file, dataset, H5P_DEFAULT);
    if (rows > 0) {
        const hid_t space = H5Screate_simple(1, &rows, nullptr);
        const hid_t made =
            H5Dcreate2(file, dataset, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Dclose(made);
        H5Sclose(space);
    }
    H5Fclose(file);
    fa::testing::seal(run);
}

void flip_a_byte_in(const std::filesystem::path& path, const char* dataset)
{
    std::uint64_t offset = 0;
    {
        const auto file = fa::store::open_to_read(path);
        offset = H5Dget_offset(fa::store::open_dataset(file, dataset, "file").get());
    }
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(static_cast<char>(byte ^ 0x55));
}

TEST_F(Store, AMissingRunIsListedWithItsReason)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    const auto text = report_text();
    EXPECT_EQ(summary.measured, 1);
    EXPECT_EQ(summary.missing, 1);
    EXPECT_THAT(table("runs.csv"), HasSubstr("\nb,M,M,,,,,,,,,,,,,,missing,not measured yet\n"));
    EXPECT_THAT(text, HasSubstr("not measured yet"));
    EXPECT_THAT(table("robustness.md"), HasSubstr("| b | missing | not measured yet |"));
}

TEST_F(Store, AFailedRunIsListedWithItsReason)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    fa::store::record_failure(layout, {"b", "", "b.st: truncated"});
    const auto text = report_text();
    EXPECT_EQ(summary.failed, 1);
    EXPECT_THAT(table("runs.csv"), HasSubstr("failed,b.st: truncated"));
    EXPECT_THAT(text, HasSubstr("b.st: truncated"));
}

TEST_F(Store, AFailureAfterAFinishedRunCounts)
{
    manifest(line("a"));
    run({.name = "a"});
    fa::store::record_failure(layout, {"a", "another-digest", "the new checkpoint has NaN weights"});
    EXPECT_EQ(audit().runs.front().status.state, RunState::failed);
}

TEST_F(Store, AFailureOfTheVeryInputsThatWereMeasuredLaterDoesNot)
{
    const SyntheticRun one{.name = "a"};
    manifest(line("a"));
    run(one);
    fa::store::record_failure(layout, {"a", fa::testing::digest_of_synthetic(one), "killed"});
    EXPECT_EQ(audit().runs.front().status.state, RunState::measured);
}

TEST_F(Store, AFileThatIsNoRunFileIsAFailedRunAndTheOthersAreReported)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    std::ofstream(layout.run("b")) << "not HDF5";
    report_text();
    EXPECT_EQ(summary.measured, 1);
    EXPECT_EQ(summary.failed, 1);
    EXPECT_THAT(table("layers.csv"), HasSubstr("\na,0,"));
}

TEST_F(Store, ARunWhoseDatasetHasAnotherShapeThanItsAttributesSayIsAFailedOne)
{
    manifest(line("a") + line("b"));
    run({.name = "a"});
    run({.name = "b"});
    replace_dataset(layout.run("b"), "norms/error", 3);
    const auto all = audit();
    EXPECT_EQ(all.runs[0].status.state, RunState::measured);
    EXPECT_EQ(all.runs[1].status.state, RunState::failed);
    EXPECT_THAT(all.runs[1].status.reason, HasSubstr("norms/error"));
}

TEST_F(Store, ARunWithoutADatasetThatTheVerdictNeedsIsAFailedOne)
{
    manifest(line("b"));
    run({.name = "b"});
    replace_dataset(layout.run("b"), "norms/error", 0);
    EXPECT_THAT(audit().runs[0].status.reason, HasSubstr("norms/error"));
}

TEST_F(Store, VerifyFindsAChangedByte)
{
    manifest(line("a"));
    run({.name = "a"});
    EXPECT_EQ(audit(true).runs.front().status.state, RunState::measured);
    flip_a_byte_in(layout.run("a"), "norms/hidden");
    const auto all = audit(true);
    EXPECT_EQ(all.runs.front().status.state, RunState::failed);
    EXPECT_THAT(all.runs.front().status.reason,
                AllOf(HasSubstr("norms/hidden"), HasSubstr("crc32"), HasSubstr("measures this run again")));
}

TEST_F(Store, WithoutAManifestIsNone)
{
    EXPECT_THROW(audit(), fa::store::StoreError);
}

} // namespace
