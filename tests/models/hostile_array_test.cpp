/// NumPy arrays in torch.save files whose parts are wrong on purpose.
#include "models/torch_file/array.hpp"
#include "tests/models/read_whole.hpp"
#include "tests/models/torch_file_text.hpp"

#include <gmock/gmock.h>

namespace fa::models::torch_file {
namespace {

using namespace fa::testing;
using ::testing::HasSubstr;

/// An array [2, 3] of float32 as numpy writes it, part by part, as opcodes.
struct ArrayText {
    std::string function = "numpy._core.multiarray\n_reconstruct";
    std::string of_class = "cnumpy\nndarray\n";
    std::string shape = raw("K\x02K\x03\x86");
    std::string dtype = "f4";
    std::string order = "<";
    std::string fortran = raw("\x89");
    std::string data = raw("C\x18") + std::string(24, '\x07');

    std::string opcodes() const
    {
        return joined({"c", function, "\n(", of_class, raw("K\x00\x85"), raw("C\x01"), "btR(K\x01", shape,
                       "cnumpy\ndtype\n(", text(dtype), raw("\x89\x88tR(K\x03"), text(order),
                       raw("NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"), fortran, data, "tb"});
    }
};

/// "accepted", or why {"w": array} is refused, to its last byte.
std::string outcome_of_opcodes(const std::string& array)
{
    const auto bytes = zip_of(records_of(dict_of(array), {}));
    try {
        const auto file = open(std::as_bytes(std::span(bytes)));
        const auto contents = contents_at(*file, "");
        check_memory(*file, contents.tensors, bytes.size());
        for (const auto& [name, tensor] : contents.tensors)
            array_bytes(file->pickle().objects, tensor.array, tensor.bytes());
        return "accepted";
    } catch (const CheckpointError& error) {
        return error.what();
    }
}

std::string outcome_of(const ArrayText& array)
{
    return outcome_of_opcodes(array.opcodes());
}

/// _codecs.encode(text, "latin1")
std::string encoded(const std::string& utf8)
{
    return joined({"c_codecs\nencode\n(", text(utf8), text("latin1"), "tR"});
}

struct Bad {
    const char* name;
    ArrayText array;
    const char* expected; ///< part of the message
};

const Bad catalogue[] = {
    {"ShapeBeyondTheBytes", {.shape = raw("K\x02K\x04\x86")}, "24 bytes are not those of an array [2, 4]"},
    {"ShapeThatLeavesBytes", {.shape = raw("K\x02K\x02\x86")}, "24 bytes where its shape wants 16"},
    {"ShapeThatLeavesMost", {.shape = raw("K\x01K\x02\x86")}, "are not those of an array [1, 2]"},
    {"ShapeThatOverflows",
     {.shape = raw("\x8a\x06\x00\x00\x00\x00\x00\x01\x8a\x06\x00\x00\x00\x00\x00\x01\x86")},
     "are not those of an array"},
    {"ShapeOfNothing", {.shape = raw("K\x00K\x03\x86")}, "are not those of an array [0, 3]"},
    {"ShapeWithAnEmptyAxisAndAHugeOne",
     {.shape = raw("K\x00\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x86")},
     "are not those of an array"},
    {"NegativeShape", {.shape = raw("J\xff\xff\xff\xffK\x03\x86")}, "shape is -1 where"},
    {"NoShape", {.shape = "N"}, "its shape is None"},
    {"MoreAxesThan64", {.shape = "(" + repeated(raw("K\x01"), 65) + "t"}, "65 axes"},
    {"OfIntegers", {.dtype = "i4"}, "dtype is 'i4'; arrays of float32 and float64 are read"},
    {"OfObjects", {.dtype = "O8"}, "dtype is 'O8'"},
    {"OfBigEndianNumbers", {.order = ">"}, "another byte order"},
    {"OfAClassOfItsOwn", {.of_class = "cos\nsystem\n"}, "a class of its own"},
    {"OfNoClass", {.of_class = "N"}, "a class of its own"},
    {"OrderThatIsNoFlag", {.fortran = "N"}, "its state is not NumPy's"},
    {"DataOfNone", {.data = "N"}, "its elements are None where bytes were expected"},
    {"DataOfAList", {.data = "]"}, "its elements are a list of 0"},
    {"DataOfAForeignCall", {.data = "cos\nsystem\n(" + text("ls") + "tR"}, "its elements are a 'os.system'"},
    {"DataInAnotherEncoding",
     {.data = "c_codecs\nencode\n(" + text(std::string(24, 'a')) + text("utf-16") + "tR"},
     "a '_codecs.encode' where bytes were expected"},
    {"TextOfTooFewBytes", {.data = encoded(std::string(23, 'a'))}, "are not those of an array [2, 3]"},
    {"TextWhoseBytesAreFewer",
     {.data = encoded(std::string(22, 'a') + "\xc3\xbf")},
     "has 23 bytes where its shape wants 24"},
    {"TextBeyondBytes", {.data = encoded(std::string(22, 'a') + "\xe2\x82\xac")}, "none of a byte"},
    {"TextCutInACharacter", {.data = encoded(std::string(23, 'a') + "\xc3")}, "none of a byte"},
};

class BadArray : public ::testing::TestWithParam<Bad> {};

TEST_P(BadArray, IsRefusedWithItsReason)
{
    EXPECT_THAT(outcome_of(GetParam().array), HasSubstr(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BadArray, ::testing::ValuesIn(catalogue),
                         [](const auto& bad) { return bad.param.name; });

TEST(HostileArray, WhatTheOthersAreBrokenFromIsGood)
{
    EXPECT_EQ(outcome_of({}), "accepted");
    EXPECT_EQ(outcome_of({.function = "numpy.core.multiarray\n_reconstruct"}), "accepted");
    EXPECT_EQ(outcome_of({.fortran = raw("\x88")}), "accepted");
    EXPECT_EQ(outcome_of({.data = encoded(std::string(22, 'a') + "\xc2\x80\xc3\xbf")}), "accepted");
}

TEST(HostileArray, EveryByteMayBeAnyOther)
{
    const ArrayText by_bytes, by_text{.data = encoded(std::string(20, '\0') + repeated("\xc3\xbf", 4))};
    for (const auto& whole : {by_bytes.opcodes(), by_text.opcodes()})
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff, int{'R'}, int{'.'}, whole[at] ^ 0x10}) {
                auto changed = whole;
                changed[at] = static_cast<char>(value);
                EXPECT_FALSE(outcome_of_opcodes(changed).empty());
            }
}

TEST(HostileArray, TheSameBytesInManyShapesAreRefused)
{
    // 4096 bytes, memoized, and read as [k, 1024/k] in many ways: more memory than the file.
    constexpr int bytes = 4096;
    std::string pickle = raw("\x80\x02"
                             "B") +
                         little_endian(bytes, 4) + std::string(bytes, 'x') +
                         raw("q\x01"
                             "0]");
    const auto one = [&](const std::string& shape) {
        return ArrayText{.shape = shape, .data = raw("h\x01")}.opcodes() + "a";
    };
    for (int ones = 0; ones < 40; ++ones)
        pickle += one("(" + repeated(raw("K\x01"), ones) + raw("M\x00\x04") + "t");
    const auto whole = zip_of(records_of(pickle + ".", {}));
    const auto opened = open(std::as_bytes(std::span(whole)));
    const auto contents = contents_at(*opened, "");
    ASSERT_EQ(contents.tensors.size(), 40U);
    EXPECT_NO_THROW(check_memory(*opened, contents.tensors, 40 * bytes));
    EXPECT_THROW(check_memory(*opened, contents.tensors, 2 * bytes), CheckpointError);
}

} // namespace
} // namespace fa::models::torch_file
