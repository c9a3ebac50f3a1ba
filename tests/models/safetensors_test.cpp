#include "models/checkpoint.hpp"
#include "models/safetensors_header.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

namespace fa::models {
namespace {

using ::testing::ElementsAre;

class Safetensors : public ::testing::Test {
  protected:
    Checkpoint read(const std::string& name) const
    {
        const auto bytes = fa::testing::bytes_of(folder / name);
        return read_safetensors(std::as_bytes(std::span(bytes)));
    }
    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            names.push_back(entry.path().filename());
        return names;
    }

    fa::testing::ScratchFolder folder;
};

Checkpoint of_every_type()
{
    Checkpoint checkpoint;
    const auto values = at::arange(-3, 3, at::kDouble).reshape({2, 3}) * 0.37;
    for (const auto& [name, type] : std::map<std::string, at::ScalarType>{{"double", at::kDouble},
                                                                          {"float", at::kFloat},
                                                                          {"half", at::kHalf},
                                                                          {"bfloat", at::kBFloat16},
                                                                          {"long", at::kLong},
                                                                          {"int", at::kInt},
                                                                          {"short", at::kShort},
                                                                          {"char", at::kChar},
                                                                          {"bool", at::kBool}})
        checkpoint.tensors.emplace(name, (values * 10).to(type));
    checkpoint.tensors.emplace("byte", at::arange(6, at::kByte));
    checkpoint.tensors.emplace("scalar", at::scalar_tensor(2.5, at::kFloat));
    checkpoint.tensors.emplace("empty", at::empty({0, 7}, at::kFloat));
    checkpoint.metadata = {{"method", "dfa"}, {"note", "a \"quoted\" ü"}};
    return checkpoint;
}

TEST_F(Safetensors, RoundTripKeepsEveryTypeShapeValueAndTheMetadata)
{
    const auto written = of_every_type();
    write_safetensors(folder / "all.safetensors", written);
    const auto read_back = read("all.safetensors");
    EXPECT_EQ(read_back.metadata, written.metadata);
    ASSERT_EQ(read_back.tensors.size(), written.tensors.size());
    for (const auto& [name, tensor] : written.tensors) {
        ASSERT_TRUE(read_back.tensors.contains(name)) << name;
        const auto& other = read_back.tensors.at(name);
        EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << name;
        EXPECT_EQ(other.sizes(), tensor.sizes()) << name;
        EXPECT_TRUE(other.equal(tensor)) << name;
    }
}

TEST_F(Safetensors, NansKeepTheirBits)
{
    Checkpoint checkpoint;
    checkpoint.tensors.emplace("x", at::full({3}, std::numeric_limits<float>::quiet_NaN(), at::kFloat));
    write_safetensors(folder / "nan.safetensors", checkpoint);
    const auto x = read("nan.safetensors").tensors.at("x");
    EXPECT_EQ(0, std::memcmp(x.const_data_ptr(), checkpoint.tensors.at("x").const_data_ptr(), 12));
}

TEST_F(Safetensors, StridedTensorsAreWrittenRowByRow)
{
    Checkpoint checkpoint;
    checkpoint.tensors.emplace("x", at::arange(6, at::kFloat).reshape({2, 3}).t());
    write_safetensors(folder / "t.safetensors", checkpoint);
    EXPECT_TRUE(read("t.safetensors").tensors.at("x").equal(checkpoint.tensors.at("x")));
}

TEST_F(Safetensors, EqualCheckpointsHaveEqualBytes)
{
    write_safetensors(folder / "one.safetensors", of_every_type());
    write_safetensors(folder / "two.safetensors", of_every_type());
    EXPECT_EQ(fa::testing::bytes_of(folder / "one.safetensors"),
              fa::testing::bytes_of(folder / "two.safetensors"));
}

TEST_F(Safetensors, DataStartsAtAMultipleOfEightAndEveryTensorIsAligned)
{
    write_safetensors(folder / "all.safetensors", of_every_type());
    const auto bytes = fa::testing::bytes_of(folder / "all.safetensors");
    const auto header = parse_safetensors_header(std::as_bytes(std::span(bytes)), bytes.size());
    EXPECT_EQ(header.data_start % 8, 0U);
    const auto checkpoint = of_every_type();
    for (const auto& entry : header.entries)
        EXPECT_EQ(entry.begin % checkpoint.tensors.at(entry.name).element_size(), 0U) << entry.name;
}

TEST_F(Safetensors, HeaderAloneTellsNamesTypesAndShapes)
{
    Checkpoint checkpoint;
    checkpoint.tensors = {{"b", at::zeros({2, 3}, at::kFloat)}, {"a", at::zeros({4}, at::kDouble)}};
    checkpoint.metadata = {{"method", "bp"}};
    write_safetensors(folder / "x.safetensors", checkpoint);
    const auto header = read_safetensors_header(folder / "x.safetensors");
    ASSERT_EQ(header.entries.size(), 2U);
    EXPECT_EQ(header.entries[0].name, "a");
    EXPECT_EQ(header.entries[0].dtype, Dtype::f64);
    EXPECT_THAT(header.entries[1].shape, ElementsAre(2, 3));
    EXPECT_EQ(header.metadata.at("method"), "bp");
}

TEST_F(Safetensors, WritingLeavesOnlyTheFinishedFile)
{
    write_safetensors(folder / "x.safetensors", of_every_type());
    write_safetensors(folder / "x.safetensors", of_every_type()); // and replaces
    EXPECT_THAT(files(), ElementsAre("x.safetensors"));
}

TEST_F(Safetensors, AFailedWriteLeavesNothingAndNamesThePath)
{
    const auto path = folder / "missing" / "x.safetensors";
    try {
        write_safetensors(path, of_every_type());
        FAIL() << "a folder that does not exist was written to";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr(path.string()));
        EXPECT_THAT(error.what(), ::testing::HasSubstr("No such file or directory"));
    }
    Checkpoint unwritable;
    unwritable.tensors.emplace("c", at::zeros({2}, at::kComplexDouble));
    EXPECT_THROW(write_safetensors(folder / "c.safetensors", unwritable), std::runtime_error);
    EXPECT_TRUE(files().empty());
}

TEST_F(Safetensors, TensorsOutliveTheBytesTheyWereReadFrom)
{
    write_safetensors(folder / "x.safetensors", of_every_type());
    auto bytes = fa::testing::bytes_of(folder / "x.safetensors");
    const auto checkpoint = read_safetensors(std::as_bytes(std::span(bytes)));
    std::fill(bytes.begin(), bytes.end(), '\xff');
    EXPECT_TRUE(checkpoint.tensors.at("long").equal(of_every_type().tensors.at("long")));
}

} // namespace
} // namespace fa::models
