#include "jobs/dataset.hpp"

#include "jobs/sha256.hpp"
#include "store/hdf5.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace fa::jobs {
namespace {

using store::check;
using store::Handle;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Writes test/x and test/y as a test wants them.
class DataFile {
  public:
    explicit DataFile(const std::filesystem::path& path)
        : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "a file"),
          group_(H5Gcreate2(file_.get(), "test", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, "a group")
    {
    }
    template <typename T>
    DataFile& add(const char* name, hid_t stored_type, hid_t type, std::vector<hsize_t> sizes,
                  std::vector<T> values)
    {
        const Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose,
                           "a space");
        const Handle data(
            H5Dcreate2(group_.get(), name, stored_type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            H5Dclose, "a dataset");
        check(H5Dwrite(data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "writing");
        return *this;
    }
    DataFile& inputs(std::vector<hsize_t> sizes)
    {
        std::size_t count = 1;
        for (const hsize_t size : sizes) {
            count *= size;
        }
        std::vector<float> values(count);
        std::iota(values.begin(), values.end(), 0.5f);
        return add("x", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, sizes, values);
    }
    DataFile& labels(std::vector<std::int64_t> values, hid_t stored_type = H5T_STD_I64LE)
    {
        return add("y", stored_type, H5T_NATIVE_INT64, {values.size()}, values);
    }

  private:
    Handle file_, group_;
};

class Dataset : public ::testing::Test {
  protected:
    std::string error_of(const std::string& split = "test") const
    {
        try {
            read_split(path, split);
        } catch (const DataError& error) {
            return error.what();
        }
        return "no error";
    }
    fa::testing::ScratchFolder folder;
    std::filesystem::path path = folder / "data.h5";
};

TEST_F(Dataset, KeepsSamplesInRowsAndFlattensTheirAxes)
{
    DataFile(path).inputs({2, 2, 3}).labels({4, 1});
    const Split split = read_split(path, "test");
    EXPECT_EQ(split.samples(), 2);
    EXPECT_EQ(split.features, 6);
    EXPECT_EQ(split.shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(split.labels, (std::vector<std::int64_t>{4, 1}));
    EXPECT_THAT(split.inputs, ::testing::ElementsAre(0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f, 6.5f, 7.5f, 8.5f,
                                                     9.5f, 10.5f, 11.5f));
}

TEST_F(Dataset, TakesLabelsOfAnyIntegerWidthAndByteOrder)
{
    for (const hid_t type : {H5T_STD_U8LE, H5T_STD_I8LE, H5T_STD_I16BE, H5T_STD_I32LE, H5T_STD_U64BE}) {
        DataFile(path).inputs({3, 2}).labels({0, 100, 7}, type);
        EXPECT_EQ(read_split(path, "test").labels, (std::vector<std::int64_t>{0, 100, 7}));
    }
}

TEST_F(Dataset, TakesBigEndianInputs)
{
    DataFile(path).add("x", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, {1, 2}, std::vector{1.5f, -2.0f}).labels({0});
    EXPECT_THAT(read_split(path, "test").inputs, ::testing::ElementsAre(1.5f, -2.0f));
}

TEST_F(Dataset, NamesAMissingFile)
{
    EXPECT_THAT(error_of(), AllOf(HasSubstr("data.h5"), HasSubstr("no such file")));
}

TEST_F(Dataset, NamesAFileThatIsNoHdf5)
{
    folder.write("data.h5", "x,y\n1,2\n");
    EXPECT_THAT(error_of(), AllOf(HasSubstr("data.h5"), HasSubstr("HDF5")));
}

TEST_F(Dataset, NamesAMissingSplit)
{
    DataFile(path).inputs({2, 2}).labels({0, 1});
    EXPECT_THAT(error_of("train"), AllOf(HasSubstr("no dataset 'train/x'"), HasSubstr("test/y")));
}

TEST_F(Dataset, NamesMissingLabels)
{
    DataFile(path).inputs({2, 2});
    EXPECT_THAT(error_of(), HasSubstr("no dataset 'test/y' beside 'test/x'"));
}

TEST_F(Dataset, TakesInputsOfAnyNumbers)
{
    for (const hid_t type : {H5T_IEEE_F64BE, H5T_STD_I16LE, H5T_STD_U16BE, H5T_STD_I64LE}) {
        DataFile(path).add("x", type, H5T_NATIVE_DOUBLE, {1, 2}, std::vector{7.0, 258.0}).labels({0});
        EXPECT_THAT(read_split(path, "test").inputs, ::testing::ElementsAre(7.0f, 258.0f));
    }
}

TEST_F(Dataset, WantsNumbersAsInputs)
{
    const std::vector<std::uint8_t> bytes(2);
    DataFile(path).add("x", H5T_STD_B8LE, H5T_STD_B8LE, {1, 2}, bytes).labels({0});
    EXPECT_THAT(error_of(), AllOf(HasSubstr("'test/x'"), HasSubstr("integers or floats")));
}

TEST_F(Dataset, ScalesPixelsToOneUnlessToldOtherwise)
{
    DataFile(path).add("x", H5T_STD_U8LE, H5T_NATIVE_DOUBLE, {1, 2}, std::vector{255.0, 51.0}).labels({0});
    EXPECT_THAT(read_split(path, "test").inputs, ::testing::ElementsAre(1.0f, 51.0f / 255.0f));
    EXPECT_THAT(read_split(path, "test", {.scale = 1.0}).inputs, ::testing::ElementsAre(255.0f, 51.0f));
}

TEST_F(Dataset, NormalisesByChannel)
{
    DataFile(path)
        .add("x", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {1, 2, 1, 2}, std::vector{1.0f, 2.0f, 3.0f, 4.0f})
        .labels({0});
    const Split split = read_split(path, "test", {.scale = 2.0, .mean = {1.0, 2.0}, .std = {0.5}});
    EXPECT_THAT(split.inputs, ::testing::ElementsAre(2.0f, 6.0f, 8.0f, 12.0f));
    EXPECT_EQ(split.shape, (std::vector<std::int64_t>{2, 1, 2}));
}

TEST_F(Dataset, WantsOneMeanAChannel)
{
    DataFile(path).inputs({1, 3, 2, 2}).labels({0});
    const auto read = [&] { read_split(path, "test", {.mean = {1.0, 2.0}}); };
    EXPECT_THAT(read, ::testing::ThrowsMessage<DataError>(
                          AllOf(HasSubstr("data.h5"), HasSubstr("2 numbers"), HasSubstr("3 entries"))));
    const auto plan = [&] { read_split_header(path, "test", {.mean = {1.0, 2.0}}); };
    EXPECT_THAT(plan, ::testing::ThrowsMessage<DataError>(HasSubstr("data_mean has 2 numbers")));
}

TEST_F(Dataset, BringsChannelsToTheFront)
{
    DataFile(path).inputs({1, 1, 2, 3}).labels({0}); // a pixel's channels lie together
    const Split split = read_split(path, "test", {.layout = ImageLayout::channels_last});
    EXPECT_THAT(split.inputs, ::testing::ElementsAre(0.5f, 3.5f, 1.5f, 4.5f, 2.5f, 5.5f));
    EXPECT_EQ(split.shape, (std::vector<std::int64_t>{3, 1, 2}));
    const auto header = read_split_header(path, "test", {.layout = ImageLayout::channels_last});
    EXPECT_EQ(header.shape, split.shape);
    EXPECT_EQ(header.samples, 1);
}

TEST_F(Dataset, TakesLabelsInAColumn)
{
    DataFile(path).inputs({2, 2}).add("y", H5T_STD_I64LE, H5T_NATIVE_INT64, {2, 1},
                                      std::vector<std::int64_t>{0, 1});
    EXPECT_EQ(read_split(path, "test").labels, (std::vector<std::int64_t>{0, 1}));
}

TEST_F(Dataset, WantsItsNumbersInItsOwnFile)
{
    DataFile(path).labels({0});
    {
        const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
        const hsize_t sizes[2] = {1, 2};
        const Handle space(H5Screate_simple(2, sizes, nullptr), H5Sclose, "a space");
        const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "a list");
        check(H5Pset_external(creation.get(), "/etc/hostname", 0, 8), "external");
        const Handle data(H5Dcreate2(file.get(), "test/x", H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                     creation.get(), H5P_DEFAULT),
                          H5Dclose, "a dataset");
    }
    EXPECT_THAT(error_of(), AllOf(HasSubstr("'test/x'"), HasSubstr("other files")));
}

TEST_F(Dataset, WantsIntegerLabels)
{
    DataFile(path).inputs({1, 2}).add("y", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {1}, std::vector{1.0f});
    EXPECT_THAT(error_of(), AllOf(HasSubstr("'test/y'"), HasSubstr("integers")));
}

TEST_F(Dataset, WantsAxesBehindTheSamples)
{
    DataFile(path).inputs({4}).labels({0, 1, 2, 3});
    EXPECT_THAT(error_of(), AllOf(HasSubstr("[4]"), HasSubstr("[samples, features")));
}

TEST_F(Dataset, WantsOneLabelASample)
{
    DataFile(path).inputs({4, 2}).labels({0, 1, 2});
    EXPECT_THAT(error_of(), AllOf(HasSubstr("4 samples"), HasSubstr("3 labels")));
}

TEST_F(Dataset, WantsLabelsInARow)
{
    DataFile(path).inputs({2, 2}).add("y", H5T_STD_I64LE, H5T_NATIVE_INT64, {2, 2},
                                      std::vector<std::int64_t>{0, 1, 0, 1});
    EXPECT_THAT(error_of(), HasSubstr("[2, 2]"));
}

TEST_F(Dataset, WantsLabelsFromZero)
{
    DataFile(path).inputs({3, 2}).labels({0, 1, -1});
    EXPECT_THAT(error_of(), AllOf(HasSubstr("label -1 of sample 2"), HasSubstr("negative")));
}

TEST_F(Dataset, WantsSamples)
{
    DataFile(path).inputs({0, 2}).labels({});
    EXPECT_THAT(error_of(), HasSubstr("empty"));
}

TEST_F(Dataset, NamesATruncatedFile)
{
    DataFile(path).inputs({1000, 4}).labels(std::vector<std::int64_t>(1000, 1));
    std::filesystem::resize_file(path, 3000);
    EXPECT_THAT(error_of(), AllOf(HasSubstr("data.h5"), HasSubstr("truncated")));
}

/// Adds test/x [1, features] in chunks that are never written.
void add_claimed_inputs(const std::filesystem::path& path, hsize_t features)
{
    const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
    const hsize_t sizes[2] = {1, features};
    const hsize_t chunk[2] = {1, 16};
    const Handle space(H5Screate_simple(2, sizes, nullptr), H5Sclose, "a space");
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "a list");
    check(H5Pset_chunk(creation.get(), 2, chunk), "chunks");
    const Handle data(H5Dcreate2(file.get(), "test/x", H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                 creation.get(), H5P_DEFAULT),
                      H5Dclose, "a dataset");
}

TEST_F(Dataset, BelievesNoSizeThatNoMemoryHas)
{
    DataFile(path).labels({0});
    add_claimed_inputs(path, hsize_t{1} << 60);
    EXPECT_THAT(error_of(), HasSubstr("memory"));
}

TEST_F(Dataset, BelievesNoSizeThatTheFileDoesNotHold)
{
    DataFile(path).labels({0});
    add_claimed_inputs(path, hsize_t{1} << 28);
    EXPECT_THAT(error_of(), AllOf(HasSubstr("[1, 268435456]"), HasSubstr("100 times the 0 bytes")));
}

TEST(SplitSha256, IsTheHashOfAFilesBytes)
{
    const fa::testing::ScratchFolder folder;
    const std::string content = "\x89HDF\r\n\x1a\n" + std::string(3'000'001, 'q');
    EXPECT_EQ(split_sha256(folder.write("long", content), "test"), sha256(content));
}

TEST(SplitSha256, IsThatOfAllFilesOfTheSplit)
{
    const fa::testing::ScratchFolder folder;
    folder.write("data_batch_1.bin", std::string(3073, '\1'));
    folder.write("data_batch_2.bin", std::string(3073, '\2'));
    folder.write("test_batch.bin", std::string(3073, '\3'));
    EXPECT_EQ(split_sha256(folder.path(), "train"),
              sha256(std::string(3073, '\1') + std::string(3073, '\2')));
    EXPECT_EQ(split_sha256(folder.path(), "test"), sha256(std::string(3073, '\3')));
}

TEST(SplitSha256, NamesAFileThatCannotBeRead)
{
    const fa::testing::ScratchFolder folder;
    EXPECT_THROW(split_sha256(folder / "nothing", "test"), DataError);
    EXPECT_THROW(split_sha256(folder.path(), "test"), DataError);
}

} // namespace
} // namespace fa::jobs
