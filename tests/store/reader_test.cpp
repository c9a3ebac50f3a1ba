#include "store/reader.hpp"

#include "store/hdf5.hpp"
#include "store/writer.hpp"
#include "tests/store/example_run.hpp"
#include "tests/store/seal.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fa::store {
namespace {

using fa::testing::ExampleRun;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Reading : public ::testing::Test {
  protected:
    Reading() { write_run(path, run.attributes, run.slabs(), run.crcs()); }

    template <typename Action>
    std::string error_of(const Action& action) const
    {
        try {
            action();
        } catch (const StoreError& error) {
            return error.what();
        }
        return "no error";
    }
    std::string opening() const
    {
        return error_of([&] { RunReader reader(path); });
    }

    /// Offset of a dataset's bytes in the file.
    std::uint64_t offset(const std::string& dataset) const
    {
        const Handle file = open_to_read(path);
        return H5Dget_offset(open_dataset(file, dataset, "file").get());
    }
    void flip_bit(std::uint64_t at, int bit = 0) const
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(static_cast<std::streamoff>(at));
        const char byte = static_cast<char>(file.get() ^ (1 << bit));
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
    }
    /// Replaces the root's schema by a string of variable length, as h5py writes it.
    void set_schema(const char* schema) const
    {
        const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
        check(H5Adelete(file.get(), "schema"), "deleting");
        const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "a type");
        check(H5Tset_size(type.get(), H5T_VARIABLE), "a type");
        const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "a space");
        const Handle attribute(
            H5Acreate2(file.get(), "schema", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
            "schema");
        check(H5Awrite(attribute.get(), type.get(), &schema), "schema");
    }
    /// Changes a number among the root's attributes, as if the file had been written so: its checksum is
    /// right.
    void set_batches(std::int64_t other) const
    {
        {
            const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
            const Handle attribute(H5Aopen(file.get(), "batches", H5P_DEFAULT), H5Aclose, "batches");
            check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &other), "batches");
        }
        fa::testing::seal(path);
    }

    fa::testing::ScratchFolder folder;
    std::filesystem::path path = folder / "run.h5";
    ExampleRun run;
};

TEST_F(Reading, ConvertsNumbers)
{
    const RunReader reader(path);
    const std::size_t number = 13; // gamma/fresh, float32
    ASSERT_EQ(run.names()[number], "gamma/fresh");
    const auto values = reader.read<double>("gamma/fresh");
    ASSERT_EQ(values.size(), 5u * 18 * 3);
    EXPECT_EQ(values[9], 9 / 4.0 - 13);
    EXPECT_TRUE(std::isnan(values[10]));
    EXPECT_EQ(reader.read<std::int64_t>("gamma/train_histogram")[100],
              static_cast<std::int64_t>(ExampleRun::integer(12, 100)));
}

TEST_F(Reading, GivesRowsOfTheFirstAxis)
{
    const RunReader reader(path);
    const auto whole = reader.read<float>("gamma/concat_fresh");
    const auto rows = reader.read_rows<float>("gamma/concat_fresh", 2, 2);
    ASSERT_EQ(rows.size(), 36u);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_TRUE(rows[i] == whole[36 + i] || (std::isnan(rows[i]) && std::isnan(whole[36 + i])));
    }
    EXPECT_TRUE(reader.read_rows<float>("gamma/concat_fresh", 5, 0).empty());
}

TEST_F(Reading, RefusesRowsBeyondTheEnd)
{
    const RunReader reader(path);
    EXPECT_THAT(error_of([&] { reader.read_rows<float>("gamma/fresh", 4, 2); }), HasSubstr("has 5 rows"));
    EXPECT_THAT(error_of([&] { reader.read_rows<float>("gamma/fresh", 1, ~std::uint64_t{0}); }),
                HasSubstr("has 5 rows"));
}

TEST_F(Reading, NamesAMissingDataset)
{
    const RunReader reader(path);
    EXPECT_FALSE(reader.has("gamma/stale"));
    EXPECT_FALSE(reader.has("nothing/at/all"));
    EXPECT_THAT(error_of([&] { reader.read<float>("gamma/stale"); }),
                AllOf(HasSubstr("run.h5"), HasSubstr("'gamma/stale'")));
}

TEST_F(Reading, KnowsTheRecordedChecksums)
{
    const RunReader reader(path);
    for (std::size_t i = 0; i < run.names().size(); ++i) {
        EXPECT_EQ(reader.crc(run.names()[i]), run.crcs()[i]);
    }
}

TEST_F(Reading, VerifiesAnIntactFile)
{
    EXPECT_NO_THROW(RunReader(path).verify());
}

TEST_F(Reading, FindsOneWrongBit)
{
    flip_bit(offset("norms/gradient") + 17);
    const RunReader reader(path);
    EXPECT_THAT(error_of([&] { reader.verify(); }), AllOf(HasSubstr("'norms/gradient'"), HasSubstr("crc32")));
}

TEST_F(Reading, FindsAWrongChecksum)
{
    auto crcs = run.crcs();
    crcs.back() ^= 1;
    write_run(path, run.attributes, run.slabs(), crcs);
    const RunReader reader(path);
    EXPECT_THAT(error_of([&] { reader.verify(); }), HasSubstr("'relaxation/residual'"));
}

TEST_F(Reading, FindsAShapeThatIsNotTheRuns)
{
    set_batches(4);
    const RunReader reader(path);
    EXPECT_THAT(error_of([&] { reader.verify(); }), HasSubstr("shape"));
}

TEST_F(Reading, RefusesAnotherSchemaNamingBoth)
{
    set_schema("fa-harness run 2");
    fa::testing::seal(path);
    EXPECT_THROW(RunReader{path}, SchemaError);
    EXPECT_THAT(opening(),
                AllOf(HasSubstr("run.h5"), HasSubstr("'fa-harness run 2'"), HasSubstr("'fa-harness run 1'")));
    EXPECT_THROW(digest_of(path), SchemaError);
}

TEST_F(Reading, TakesADamagedSchemaForDamageNotForAnotherVersion)
{
    const std::string bytes = fa::testing::bytes_of(path);
    flip_bit(bytes.find(run_schema));
    EXPECT_THAT(opening(), AllOf(HasSubstr("is damaged"), HasSubstr("attributes or structure")));
    EXPECT_THROW(RunReader{path}, StoreError);
}

TEST_F(Reading, FindsAWrongBitAnywhere)
{
    // A bit of every third byte of the metadata, where HDF5 itself must not crash either, and of some of the
    // numbers.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> numbers;
    for (std::size_t i = 0; i < run.names().size(); ++i) {
        numbers.emplace_back(offset(run.names()[i]), offset(run.names()[i]) + run.bytes(i).size());
    }
    std::size_t tried = 0;
    for (std::uint64_t at = 0; at < std::filesystem::file_size(path); ++at) {
        const bool number = std::ranges::any_of(
            numbers, [&](const auto& place) { return at >= place.first && at < place.second; });
        if (at % (number ? 97 : 3) != 0) {
            continue;
        }
        const int bit = static_cast<int>((at ^ at >> 3) % 8);
        flip_bit(at, bit);
        EXPECT_NE(error_of([&] { RunReader(path).verify(); }), "no error")
            << "bit " << bit << " of byte " << at;
        flip_bit(at, bit);
        ++tried;
    }
    EXPECT_GT(tried, 3000u);
    EXPECT_NO_THROW(RunReader(path).verify());
}

TEST_F(Reading, FindsBytesBehindTheEnd)
{
    std::ofstream(path, std::ios::app | std::ios::binary) << "more";
    EXPECT_THAT(opening(), HasSubstr("is damaged"));
}

TEST_F(Reading, RefusesARunWithoutTheChecksumOfItsMetadata)
{
    {
        const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
        check(H5Ldelete(file.get(), "metadata_crc32", H5P_DEFAULT), "deleting");
    }
    EXPECT_THAT(opening(), HasSubstr("no dataset 'metadata_crc32'"));
}

TEST_F(Reading, NamesAllDamagedDatasets)
{
    flip_bit(offset("norms/gradient") + 17);
    flip_bit(offset("gamma/fresh"));
    const RunReader reader(path);
    EXPECT_THAT(error_of([&] { reader.verify(); }), HasSubstr("'norms/gradient', 'gamma/fresh'"));
}

TEST_F(Reading, RefusesOtherHdf5Files)
{
    {
        const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
                          "a file");
    }
    EXPECT_THAT(opening(), HasSubstr("is no run file"));
}

TEST_F(Reading, NamesAMissingAttribute)
{
    {
        const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, "a file");
        check(H5Adelete(file.get(), "draws"), "deleting");
    }
    fa::testing::seal(path);
    EXPECT_THAT(opening(), HasSubstr("attribute 'draws' is missing"));
}

TEST_F(Reading, RefusesFilesThatAreNoHdf5)
{
    folder.write("run.h5", "name,gamma\nbp,0.1\n");
    EXPECT_THAT(opening(), AllOf(HasSubstr("run.h5"), HasSubstr("HDF5")));
    folder.write("run.h5", "");
    EXPECT_THAT(opening(), HasSubstr("HDF5"));
}

TEST_F(Reading, RefusesAFileCutAnywhere)
{
    const auto size = std::filesystem::file_size(path);
    for (const std::uint64_t length :
         {size - 1, size / 2, std::uint64_t{2000}, std::uint64_t{100}, std::uint64_t{8}}) {
        write_run(path, run.attributes, run.slabs(), run.crcs());
        std::filesystem::resize_file(path, length);
        EXPECT_THAT(opening(), HasSubstr("run.h5")) << length << " of " << size;
    }
}

TEST_F(Reading, RefusesAFolder)
{
    path = folder.path();
    EXPECT_THAT(opening(), HasSubstr("no regular file"));
}

TEST_F(Reading, KnowsTheDigestOfAFinishedRun)
{
    EXPECT_EQ(digest_of(path), std::string(64, 'd'));
    EXPECT_EQ(digest_of(folder / "other.h5"), std::nullopt);
}

TEST_F(Reading, LeavesNoFileOpen)
{
    const auto open_files = [] { return H5Fget_obj_count(static_cast<hid_t>(H5F_OBJ_ALL), H5F_OBJ_ALL); };
    const auto before = open_files();
    {
        const RunReader reader(path);
        reader.verify();
    }
    opening();
    EXPECT_EQ(open_files(), before);
}

} // namespace
} // namespace fa::store
