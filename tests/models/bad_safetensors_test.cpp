/// Files that must be refused before any of their lengths is believed.
#include "models/checkpoint.hpp"
#include "models/safetensors_header.hpp"

#include <gmock/gmock.h>

#include <cstring>

namespace fa::models {
namespace {

using ::testing::HasSubstr;

/// A file of this JSON header and so many bytes of data.
std::string file_of(const std::string& json, std::size_t data_bytes)
{
    std::uint64_t length = json.size();
    std::string file(8, '\0');
    std::memcpy(file.data(), &length, 8);
    return file + json + std::string(data_bytes, '\x01');
}

std::string refusal_of(const std::string& file)
{
    try {
        read_safetensors(std::as_bytes(std::span(file)));
    } catch (const CheckpointError& error) {
        return error.what();
    }
    return "accepted";
}

TEST(BadFile, IsCalledWhatItIs)
{
    const std::string rest(100, ' ');
    EXPECT_THAT(refusal_of("version https://git-lfs.github.com/spec/v1\noid sha256:0" + rest),
                HasSubstr("git lfs pull"));
    EXPECT_THAT(refusal_of("\x89HDF\r\n\x1a\n" + rest), HasSubstr("model=tensors"));
    EXPECT_THAT(refusal_of("<!DOCTYPE html>" + rest), HasSubstr("a web page"));
    EXPECT_THAT(refusal_of("\x1f\x8b\x08\x08" + rest), HasSubstr("gunzip"));
    EXPECT_THAT(refusal_of("\x80\x04\x95\x10" + rest), HasSubstr("a pickle that torch.save didn't write"));
    EXPECT_THAT(refusal_of("anything" + rest), HasSubstr("safetensors header claims"));
}

struct Bad {
    const char* name;
    std::string json;
    std::size_t data_bytes;
    std::string expected; ///< part of the message
};

class BadHeader : public ::testing::TestWithParam<Bad> {};

TEST_P(BadHeader, IsRefusedWithItsReason)
{
    const auto& bad = GetParam();
    EXPECT_THAT(refusal_of(file_of(bad.json, bad.data_bytes)), HasSubstr(bad.expected));
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets)
{
    return R"({"w":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

const Bad catalogue[] = {
    {"NotJson", "{\"w\":", 0, "not JSON"},
    {"NotAnObject", "[1, 2]", 0, "does not start with '{'"},
    {"TrailingText", "{} {}", 0, "not JSON"},
    {"NotUtf8", "{\"\xff\": 1}", 0, "not JSON"},
    {"DescriptionIsANumber", R"({"w":7})", 0, "tensor 'w' is not described by an object"},
    {"NoDtype", R"({"w":{"shape":[1],"data_offsets":[0,4]}})", 4, "tensor 'w' has no \"dtype\""},
    {"NoShape", R"({"w":{"dtype":"F32","data_offsets":[0,4]}})", 4, "has no \"shape\""},
    {"NoOffsets", R"({"w":{"dtype":"F32","shape":[1]}})", 4, "has no \"data_offsets\""},
    {"OtherKeys", R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4, "other keys"},
    {"UnknownDtype", tensor("F31", "[1]", "[0,4]"), 4, "dtype 'F31' is not one of F64, F32"},
    {"DtypeIsNoString", R"({"w":{"dtype":3,"shape":[1],"data_offsets":[0,4]}})", 4, "is not one of F64"},
    {"NegativeShape", tensor("F32", "[-1]", "[0,4]"), 4, "an entry of shape is not an integer"},
    {"FractionalShape", tensor("F32", "[1.0]", "[0,4]"), 4, "an entry of shape is not an integer"},
    {"ShapeBeyond64Bits", tensor("F32", "[99999999999999999999999]", "[0,4]"), 4, "not an integer"},
    {"ShapeIsText", tensor("F32", "\"2\"", "[0,4]"), 4, "shape is not a list"},
    {"ShapeProductOverflows", tensor("F32", "[4294967296,4294967296]", "[0,0]"), 0, "more than 2^63 bytes"},
    {"ShapeProductWrapsToTheRightSize", tensor("F32", "[4611686018427387905,4]", "[0,16]"), 16, "2^63"},
    {"OneOffset", tensor("F32", "[1]", "[0]"), 4, "data_offsets is not [begin, end]"},
    {"NegativeOffset", tensor("F32", "[1]", "[-4,0]"), 4, "begin of data_offsets is not an integer"},
    {"OffsetsReversed", tensor("F32", "[1]", "[4,0]"), 4, "end before they begin"},
    {"OffsetsBeyondTheFile", tensor("F32", "[2]", "[0,8]"), 4, "reach beyond the file's 4 bytes of data"},
    {"LengthContradictsShape", tensor("F32", "[2]", "[0,4]"), 4, "hold 4 bytes, but F32 [2] has 8"},
    {"LengthContradictsDtype", tensor("F64", "[1]", "[0,4]"), 4, "hold 4 bytes, but F64 [1] has 8"},
    {"HoleBeforeTheFirst", tensor("F32", "[1]", "[4,8]"), 8, "tensor 'w' begins at data offset 4"},
    {"BytesBehindTheLast", tensor("F32", "[1]", "[0,4]"), 9, "data has 9 bytes, but the tensors end at 4"},
    {"Overlap",
     R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
     12, "tensor 'b' begins at data offset 4, where the one before it ends at 8 (they overlap)"},
    {"TwoNamesForOneTensor",
     R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
     4, "they overlap"},
    {"DuplicateTensor",
     R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
     4, "the key 'w' twice"},
    {"DuplicateKeyInside", R"({"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4,
     "the key 'dtype' twice"},
    {"MetadataIsAList", R"({"__metadata__":[]})", 0, "__metadata__ is not an object"},
    {"MetadataOfNumbers", R"({"__metadata__":{"epoch":3}})", 0, "'epoch' is not a string"},
    {"TooManyAxes",
     tensor(
         "F32",
         "[" +
             [] {
                 std::string ones = "1";
                 for (int i = 0; i < 100; ++i)
                     ones += ",1";
                 return ones;
             }() +
             "]",
         "[0,4]"),
     4, "at most 64"},
    {"DeepNesting", "{\"w\":" + std::string(100'000, '['), 0, "nests deeper than 3 levels"},
};

INSTANTIATE_TEST_SUITE_P(Catalogue, BadHeader, ::testing::ValuesIn(catalogue),
                         [](const auto& bad) { return bad.param.name; });

const std::string good = file_of(tensor("F32", "[2]", "[0,8]"), 8);

TEST(BadSafetensors, TheFileThatTheOthersAreBrokenFromIsGood)
{
    EXPECT_EQ(refusal_of(good), "accepted");
}

TEST(BadSafetensors, EveryTruncationIsRefused)
{
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_NE(refusal_of(good.substr(0, length)), "accepted") << length;
}

TEST(BadSafetensors, AHeaderLengthBeyondTheFileIsRefusedBeforeAnythingIsAllocated)
{
    for (const std::uint64_t claimed :
         {std::uint64_t{1} << 62, ~std::uint64_t{0}, std::uint64_t{good.size()}}) {
        auto file = good;
        std::memcpy(file.data(), &claimed, 8);
        EXPECT_THAT(refusal_of(file), HasSubstr("header claims " + std::to_string(claimed) + " bytes"));
    }
}

TEST(BadSafetensors, AHugeShapeOfAnEmptyTensorIsNoOverflow)
{
    EXPECT_EQ(refusal_of(file_of(tensor("F32", "[0,4294967296]", "[0,0]"), 0)), "accepted");
}

TEST(BadSafetensors, ControlCharactersOfANameStayOutOfTheMessage)
{
    const auto message = refusal_of(file_of(R"({"\u001b[2J":7})", 0));
    EXPECT_EQ(message.find('\x1b'), std::string::npos);
    EXPECT_THAT(message, HasSubstr("'?[2J'"));
}

TEST(BadSafetensors, AFileThatIsMissingIsNamed)
{
    try {
        read_safetensors_header("/nonexistent/x.safetensors");
        FAIL();
    } catch (const CheckpointError& error) {
        EXPECT_THAT(error.what(), HasSubstr("/nonexistent/x.safetensors: No such file"));
    }
}

} // namespace
} // namespace fa::models
