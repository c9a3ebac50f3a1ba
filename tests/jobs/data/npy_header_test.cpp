#include "jobs/data/npy_header.hpp"

#include "jobs/data_error.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

namespace fa::jobs::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;
using namespace std::string_literals;

/// Reads the bytes of a file that ends with them.
NpyHeader header_of(const std::string& bytes)
{
    std::size_t at = 0;
    return read_npy_header([&](std::span<std::byte> into) {
        if (into.size() > bytes.size() - at) {
            throw DataError("ends early");
        }
        std::memcpy(into.data(), bytes.data() + at, into.size());
        at += into.size();
    });
}

std::string dict(const std::string& descr, const std::string& shape)
{
    return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
}

TEST(NpyHeader, HasTypeOrderAndShape)
{
    const auto header = parse_npy_dict("{'descr': '>i2', 'fortran_order': True, 'shape': (3, 4), }    \n");
    EXPECT_EQ(header.type.kind, ElementType::Kind::signed_integer);
    EXPECT_EQ(header.type.bytes, 2u);
    EXPECT_TRUE(header.type.big_endian);
    EXPECT_TRUE(header.fortran_order);
    EXPECT_THAT(header.sizes, ElementsAre(3, 4));
}

TEST(NpyHeader, TakesEveryTupleThatPythonWrites)
{
    EXPECT_THAT(parse_npy_dict(dict("'|u1'", "()")).sizes, IsEmpty());
    EXPECT_THAT(parse_npy_dict(dict("'|u1'", "(5,)")).sizes, ElementsAre(5));
    EXPECT_THAT(parse_npy_dict(dict("'|u1'", "(5L, 2L)")).sizes, ElementsAre(5, 2));
}

TEST(NpyHeader, IsTwoBytesLongInVersionOneAndFourLater)
{
    const auto text = dict("'<f8'", "(2, 3)");
    const auto length = static_cast<char>(text.size());
    EXPECT_THAT(header_of("\x93NUMPY\1\0"s + length + "\0"s + text).sizes, ElementsAre(2, 3));
    EXPECT_THAT(header_of("\x93NUMPY\2\0"s + length + "\0\0\0"s + text).sizes, ElementsAre(2, 3));
    EXPECT_THAT(header_of("\x93NUMPY\3\0"s + length + "\0\0\0"s + text).sizes, ElementsAre(2, 3));
}

TEST(NpyHeader, NamesTypesThatAreNotRead)
{
    for (const auto* descr :
         {"'<c8'", "'|b1'", "'|O'", "'<f16'", "'<U5'", "'<M8'", "'<f1'", "'=f4'", "'|f4'", "'<i3'"})
        EXPECT_THAT([&] { parse_npy_dict(dict(descr, "(1, 1)")); },
                    ThrowsMessage<DataError>(HasSubstr("float16, float32 and float64 are read")))
            << descr;
    EXPECT_THAT([] { parse_npy_dict(dict("[('a', '<f4')]", "(1, 1)")); },
                ThrowsMessage<DataError>(HasSubstr("records")));
}

TEST(NpyHeader, RefusesWhatNumpyDoesNotWrite)
{
    for (const auto& text : {""s, "{"s, "{}"s, "[]"s, dict("'<f4'", "(1, -1)"), dict("'<f4'", "(1 1)"),
                             dict("'<f4'", "(1, 18446744073709551616)"), dict("'<f4'", "(1, 1)") + "x",
                             dict("<f4", "(1, 1)"), dict("'<f4'", "(1, 1"), "{'descr': '<f4'}"s,
                             "{'evil': __import__('os')}"s, "{'descr': '<f4', 'descr': '<f4'"s,
                             dict("'<f4'", "(" + std::string(1000, '1') + ")"), std::string(1000, '{')})
        EXPECT_THAT([&] { parse_npy_dict(text); }, ThrowsMessage<DataError>(HasSubstr("header"))) << text;
    std::string axes;
    for (int i = 0; i < 33; ++i)
        axes += "1,";
    EXPECT_THAT([&] { parse_npy_dict(dict("'<f4'", "(" + axes + ")")); },
                ThrowsMessage<DataError>(HasSubstr("32 axes")));
}

TEST(NpyHeader, RefusesOtherFilesVersionsAndLengths)
{
    EXPECT_THAT([] { header_of("\x93NUMPX\1\0\1\0{"s); }, ThrowsMessage<DataError>(HasSubstr("no .npy")));
    EXPECT_THAT([] { header_of("\x93NUMPY\4\0\1\0{"s); }, ThrowsMessage<DataError>(HasSubstr("version 4")));
    EXPECT_THAT([] { header_of("\x93NUMPY\2\0\xff\xff\xff\xff{"s); },
                ThrowsMessage<DataError>(HasSubstr("4294967295 bytes")));
    EXPECT_THAT([] { header_of("\x93NUMPY\1\0\x40\0{"s); },
                ThrowsMessage<DataError>(HasSubstr("ends early")));
}

} // namespace
} // namespace fa::jobs::data
