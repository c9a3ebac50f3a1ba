/// torch.save files whose lengths, names or offsets are wrong on purpose.
#include "tests/models/read_whole.hpp"
#include "tests/models/torch_file_text.hpp"

#include <gmock/gmock.h>

namespace fa::models::torch_file {
namespace {

using namespace fa::testing;
using ::testing::HasSubstr;

std::string outcome_of(const std::string& bytes, const std::string& part = "")
{
    return torch_file_outcome(std::as_bytes(std::span(bytes)), part);
}

std::string zipped(const TensorText& tensor, std::size_t bytes = 24)
{
    return zip_of(records_of(dict_of(tensor.opcodes()), {{tensor.key, std::string(bytes, 'x')}}));
}

std::string legacy(TensorText tensor, const std::string& storage = legacy_storage(6, 24))
{
    tensor.view = tensor.view.empty() ? "N" : tensor.view;
    return legacy_of(dict_of(tensor.opcodes()), {{tensor.key, storage}});
}

struct Bad {
    const char* name;
    TensorText tensor;
    const char* expected; ///< part of the message
};

const Bad catalogue[] = {
    {"ShapeBeyondTheStorage", {.shape = raw("K\x02K\x04\x86")}, "tensor 'w': shape [2, 4]"},
    {"StrideBeyondTheStorage",
     {.strides = raw("K\x04K\x01\x86")},
     "reach beyond its storage '0' of 6 elements"},
    {"OffsetBeyondTheStorage", {.offset = raw("K\x01")}, "and offset 1 reach beyond"},
    {"NegativeStride",
     {.strides = raw("J\xff\xff\xff\xffK\x01\x86")},
     "stride is -1 where an integer from 0"},
    {"NegativeShape", {.shape = raw("J\xff\xff\xff\xffK\x03\x86")}, "size is -1 where"},
    {"NegativeOffset", {.offset = raw("J\xff\xff\xff\xff")}, "its offset is -1"},
    {"NegativeElements", {.elements = raw("J\xff\xff\xff\xff")}, "a storage's size is -1"},
    {"ShapeThatOverflows",
     {.shape = raw("\x8a\x06\x00\x00\x00\x00\x00\x01\x8a\x06\x00\x00\x00\x00\x00\x01\x86")},
     "more than 2^63 bytes"},
    {"StrideThatOverflows",
     {.strides = raw("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7fK\x01\x86")},
     "reach beyond"},
    {"OffsetThatOverflows", {.offset = raw("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f")}, "reach beyond"},
    {"ShapeOfText", {.shape = raw("U\x01x\x85")}, "size is bytes of 1"},
    {"ShapeOfBigNumbers",
     {.shape = raw("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01K\x01\x86")},
     "beyond 64 bits"},
    {"NoShape", {.shape = "N"}, "its size is None"},
    {"FewerStridesThanAxes", {.strides = raw("K\x01\x85")}, "differ in length"},
    {"MoreAxesThan64", {.shape = "(" + repeated(raw("K\x01"), 65) + "t"}, "65 axes"},
    {"ElementsCountedAgain", {.elements = raw("K\x01"), .strides = raw("K\x00K\x00\x86")}, "more than once"},
    {"StorageOfAForeignClass", {.storage_class = "os\nsystem"}, "class 'os.system'"},
    {"StorageOfQuantizedNumbers", {.storage_class = "torch\nQInt8Storage"}, "no quantized"},
    {"StorageWithoutType", {.storage_class = "torch.storage\nUntypedStorage"}, "its storage has no type"},
};

class BadTensor : public ::testing::TestWithParam<Bad> {};

TEST_P(BadTensor, IsRefusedWithItsNameAndReason)
{
    auto bad = GetParam();
    const std::size_t bytes = bad.tensor.elements == raw("K\x01") ? 4 : 24;
    EXPECT_THAT(outcome_of(zipped(bad.tensor, bytes)), HasSubstr(bad.expected));
}

INSTANTIATE_TEST_SUITE_P(Catalogue, BadTensor, ::testing::ValuesIn(catalogue),
                         [](const auto& bad) { return bad.param.name; });

TEST(HostileTorchFile, WhatTheOthersAreBrokenFromIsGood)
{
    EXPECT_EQ(outcome_of(zipped({})), "accepted");
    EXPECT_EQ(outcome_of(legacy({})), "accepted");
}

TEST(HostileTorchFile, EveryTruncationIsRefused)
{
    for (const auto& whole : {zipped({}), legacy({})})
        for (std::size_t length = 0; length < whole.size(); ++length)
            EXPECT_NE(outcome_of(whole.substr(0, length)), "accepted") << length << " of " << whole.size();
}

TEST(HostileTorchFile, EveryByteMayBeAnyOther)
{
    for (const auto& whole : {zipped({}), legacy({})})
        for (std::size_t at = 0; at < whole.size(); ++at)
            for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff, int{'R'}, int{'.'}, whole[at] ^ 0x10}) {
                auto changed = whole;
                changed[at] = static_cast<char>(value);
                EXPECT_FALSE(outcome_of(changed).empty());
            }
}

TEST(HostileTorchFile, AStorageShorterThanItsTensorSaysIsRefused)
{
    EXPECT_THAT(outcome_of(zipped({}, 23)),
                HasSubstr("tensor 'w': its storage '0' should have 6 elements, but "
                          "the file has 23 bytes of it"));
    EXPECT_THAT(outcome_of(legacy({}, legacy_storage(5, 20))), HasSubstr("should have 6 elements"));
}

TEST(HostileTorchFile, AStorageLongerThanTheFileIsRefused)
{
    for (const auto elements : {std::uint64_t{7}, std::uint64_t{1} << 61, ~std::uint64_t{0}})
        EXPECT_THAT(outcome_of(legacy({}, legacy_storage(elements, 24))),
                    HasSubstr("storage '0' claims " + std::to_string(elements) + " elements of 4 bytes"));
    const auto lying = [](std::uint64_t bytes) {
        return zip_of(records_of(dict_of(TensorText{}.opcodes()), {{"0", std::string(24, 'x')}}),
                      [bytes](const std::string& name, Claim truth) {
                          return name.ends_with("data/0") ? Claim{bytes, truth.offset} : truth;
                      });
    };
    EXPECT_THAT(outcome_of(lying(0x7fffffff)), HasSubstr("claims 2147483647 bytes in a file of"));
    EXPECT_THAT(outcome_of(lying(0xfffffffe)), HasSubstr("claims 4294967294 bytes in a file of"));
}

TEST(HostileTorchFile, AMissingStorageIsNamed)
{
    EXPECT_THAT(outcome_of(zip_of(records_of(dict_of(TensorText{.key = "7"}.opcodes()), {}))),
                HasSubstr("record 'data/7' is missing"));
    EXPECT_THAT(outcome_of(legacy_of(dict_of(TensorText{.view = "N"}.opcodes()), {})),
                HasSubstr("storage '0' is missing"));
}

TEST(HostileTorchFile, NamesOutsideTheArchiveAreNeverFollowed)
{
    for (const std::string key : {"../../../etc/passwd", "/etc/passwd", "..", ""})
        EXPECT_THAT(outcome_of(zip_of(records_of(dict_of(TensorText{.key = key}.opcodes()), {}))),
                    HasSubstr("is missing"));
}

TEST(HostileTorchFile, OverlappingStoragesAreRefused)
{
    std::string pickled = raw("\x80\x02}(");
    std::vector<Record> storages;
    for (int i = 0; i < 100; ++i) {
        const auto key = std::to_string(i);
        pickled += text("w" + key) + TensorText{.key = key,
                                                .elements = raw("M\x00\x10"),
                                                .shape = raw("M\x00\x10\x85"),
                                                .strides = raw("K\x01\x85")}
                                         .opcodes();
        storages.push_back({key, i == 0 ? std::string(4 * 4096, 'x') : ""});
    }
    std::uint64_t first = 0;
    const auto bomb = zip_of(records_of(pickled + "u.", storages), [&](const std::string& name, Claim truth) {
        if (name.ends_with("data/0"))
            first = truth.offset;
        return name.find("data/") == std::string::npos ? truth : Claim{4 * 4096, first};
    });
    EXPECT_THAT(outcome_of(bomb), HasSubstr("they overlap"));
}

TEST(HostileTorchFile, ViewsThatMultiplyAStorageAreRefused)
{
    std::string pickled = raw("\x80\x02}(");
    for (int i = 0; i < 100; ++i) // rows of 4096 elements, each one further
        pickled +=
            text("w" + std::to_string(i)) + TensorText{.elements = raw("M\x00\x20"),
                                                       .offset = "K" + little_endian(std::uint64_t(i), 1),
                                                       .shape = raw("M\x00\x10\x85"),
                                                       .strides = raw("K\x01\x85")}
                                                .opcodes();
    const auto file = zip_of(records_of(pickled + "u.", {{"0", std::string(4 * 8192, 'x')}}));
    EXPECT_THAT(outcome_of(file), HasSubstr("share their storages so often that they are 1638400 bytes"));
}

TEST(HostileTorchFile, TheSameTensorUnderManyNamesIsOne)
{
    std::string pickled = raw("\x80\x02}(") + text("w") + TensorText{}.opcodes() + raw("q\x01");
    for (int i = 0; i < 1000; ++i)
        pickled += text("w" + std::to_string(i)) + raw("h\x01");
    EXPECT_EQ(outcome_of(zip_of(records_of(pickled + "u.", {{"0", std::string(24, 'x')}}))), "accepted");
}

TEST(HostileTorchFile, ADictInItselfIsWalkedAsFarAsThePathGoes)
{
    const auto pickled =
        raw("\x80\x02}q\x00(") + text("a") + raw("h\x00") + text("w") + TensorText{}.opcodes() + "u.";
    const auto file = zip_of(records_of(pickled, {{"0", std::string(24, 'x')}}));
    EXPECT_EQ(outcome_of(file, "a.a.a.a"), "accepted");
    EXPECT_THAT(outcome_of(file, "a.a.b"),
                HasSubstr("the file has no 'a.a.b'; 'a.a' is a dict of 2: 'a' (a dict"));
}

TEST(HostileTorchFile, TheSameNameTwiceIsRefused)
{
    const auto twice =
        raw("\x80\x02}(") + text("w") + TensorText{}.opcodes() + raw("q\x01") + text("w") + raw("h\x01u.");
    EXPECT_THAT(outcome_of(zip_of(records_of(twice, {{"0", std::string(24, 'x')}}))),
                HasSubstr("tensor 'w' is there twice"));
}

TEST(HostileTorchFile, ACallBesideTheTensorsIsPassedOverAndNamedWhereItIsAskedFor)
{
    const auto pickled = raw("\x80\x02}(") + text("w") + TensorText{}.opcodes() + text("evil") +
                         raw("cos\nsystem\n(U\x07touch xtRu.");
    const auto file = zip_of(records_of(pickled, {{"0", std::string(24, 'x')}}));
    EXPECT_EQ(outcome_of(file), "accepted");
    EXPECT_THAT(outcome_of(file, "evil"), HasSubstr("'evil' is a 'os.system' where a dict of tensors"));
    EXPECT_THAT(outcome_of(zip_of(records_of(raw("\x80\x02"
                                                 "cos\nsystem\n(U\x07touch xtR."),
                                             {}))),
                HasSubstr("it is a 'os.system'"));
}

TEST(HostileTorchFile, TheOldFormatsViewsAreOffsetsIntoTheirStorage)
{
    const TensorText tensor{.offset = raw("K\x01"),
                            .shape = raw("K\x02\x85"),
                            .strides = raw("K\x01\x85"),
                            .view = "(" + text("v") + raw("K\x02K\x03t")};
    const auto bytes = legacy(tensor);
    const auto file = open(std::as_bytes(std::span(bytes)));
    const auto contents = network_contents(*file, "");
    ASSERT_EQ(contents.tensors.size(), 1U);
    EXPECT_EQ(contents.tensors[0].tensor.first, 3);
    auto beyond = tensor;
    beyond.shape = raw("K\x03\x85");
    EXPECT_THAT(outcome_of(legacy(beyond)), HasSubstr("reach beyond"));
    beyond.view = "(" + text("v") + raw("K\x04K\x03t");
    EXPECT_THAT(outcome_of(legacy(beyond)), HasSubstr("a view reaches beyond its storage of 6"));
}

TEST(HostileTorchFile, OtherFormatsAreNamed)
{
    EXPECT_THAT(outcome_of(std::string(257, 'a') + "ustar" + std::string(250, '\0')),
                HasSubstr("a tar archive"));
    EXPECT_THAT(outcome_of(legacy({}).replace(15, 5, raw("\x80\x02M\xea\x03"))),
                HasSubstr("protocol version is 1002"));
    auto big = legacy({});
    big.replace(big.find(raw("\x88s.")), 1, raw("\x89"));
    EXPECT_THAT(outcome_of(big), HasSubstr("big-endian"));
    EXPECT_THAT(outcome_of("hello"), HasSubstr("neither"));
}

} // namespace
} // namespace fa::models::torch_file
