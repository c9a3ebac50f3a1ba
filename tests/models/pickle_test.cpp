/// What the opcodes mean: the expected values are those of Python's pickletools and pickle documentation.
#include "tests/models/pickle_text.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace fa::models::pickle {
namespace {

using fa::testing::raw;
using fa::testing::read_pickle;
using ::testing::ElementsAre;

std::int64_t integer_of(const std::string& opcodes)
{
    const auto text = opcodes + ".";
    const auto pickle = read_pickle(text);
    return pickle.objects[pickle.root].integer();
}

Kind kind_of(const std::string& opcodes)
{
    const auto text = opcodes + ".";
    const auto pickle = read_pickle(text);
    return pickle.objects[pickle.root].kind();
}

TEST(Pickle, IntegersOfEveryWidth)
{
    EXPECT_EQ(integer_of(raw("K\xff")), 255);
    EXPECT_EQ(integer_of(raw("M\x01\x02")), 513);
    EXPECT_EQ(integer_of(raw("J\xff\xff\xff\xff")), -1);
    EXPECT_EQ(integer_of("I-17\n"), -17);
    EXPECT_EQ(integer_of("L1099511627776L\n"), std::int64_t{1} << 40);
}

TEST(Pickle, LongsAreTwosComplement)
{
    EXPECT_EQ(integer_of(raw("\x8a\x00")), 0);
    EXPECT_EQ(integer_of(raw("\x8a\x01\xff")), -1);
    EXPECT_EQ(integer_of(raw("\x8a\x02\xff\x00")), 255);
    EXPECT_EQ(integer_of(raw("\x8a\x02\x00\x80")), -32768);
    EXPECT_EQ(integer_of(raw("\x8b\x01\x00\x00\x00\x7f")), 127);
    EXPECT_EQ(integer_of(raw("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80")),
              std::numeric_limits<std::int64_t>::min());
}

TEST(Pickle, LongsBeyond64BitsAreKeptAsBytes)
{
    EXPECT_EQ(kind_of(raw("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01")), Kind::big_integer);
    EXPECT_EQ(kind_of("L9223372036854775808L\n"), Kind::big_integer);
}

TEST(Pickle, FlagsOfProtocols1And2)
{
    for (const std::string& yes : {raw("\x88"), raw("I01\n")}) {
        EXPECT_EQ(kind_of(yes), Kind::boolean);
        EXPECT_EQ(integer_of(yes), 1);
    }
    EXPECT_EQ(integer_of(raw("\x89")), 0);
    EXPECT_EQ(kind_of("I1\n"), Kind::integer);
}

TEST(Pickle, RealsHaveTheirHighestByteFirst)
{
    const auto text = raw("G\xbf\xf8\x00\x00\x00\x00\x00\x00."); // pickle.dumps(-1.5, 2)
    const auto pickle = read_pickle(text);
    EXPECT_EQ(pickle.objects[pickle.root].real(), -1.5);
}

TEST(Pickle, TextOfEveryWidth)
{
    for (const auto& opcodes :
         {raw("X\x02\x00\x00\x00hi"), raw("\x8c\x02hi"), raw("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi"),
          raw("U\x02hi"), raw("T\x02\x00\x00\x00hi"), raw("C\x02hi"), raw("B\x02\x00\x00\x00hi")}) {
        const auto text = opcodes + ".";
        const auto pickle = read_pickle(text);
        EXPECT_TRUE(pickle.objects.is_text(pickle.root, "hi")) << opcodes;
    }
}

TEST(Pickle, DictsKeepTheirOrder)
{
    const auto text = raw("}(U\x01"
                          "bK\x01U\x01"
                          "aK\x02uU\x01"
                          "cK\x03s.");
    const auto pickle = read_pickle(text);
    std::string keys;
    std::vector<std::int64_t> values;
    for (const auto& [key, value] : pickle.objects.entries_of(pickle.root)) {
        keys += pickle.objects[key].text();
        values.push_back(pickle.objects[value].integer());
    }
    EXPECT_EQ(keys, "bac");
    EXPECT_THAT(values, ElementsAre(1, 2, 3));
}

TEST(Pickle, OrderedDictsOfPython3AndPython2AreDicts)
{
    const auto of_python3 = raw("ccollections\nOrderedDict\n)R(U\x01"
                                "aK\x01u.");
    const auto of_python2 = raw("ccollections\nOrderedDict\n(](](U\x01"
                                "aK\x01"
                                "eetR.");
    for (const auto& text : {of_python3, of_python2}) {
        const auto pickle = read_pickle(text);
        EXPECT_TRUE(pickle.objects.is_dict(pickle.root));
        const auto entries = pickle.objects.entries_of(pickle.root);
        ASSERT_EQ(entries.size(), 1U);
        EXPECT_TRUE(pickle.objects.is_text(entries[0].first, "a"));
        EXPECT_EQ(pickle.objects[entries[0].second].integer(), 1);
    }
}

TEST(Pickle, TheMemoBringsTheSameObject)
{
    const auto text = raw("](]q\x00h\x00j\x00\x00\x00\x00]\x94h\x01"
                          "e.");
    const auto pickle = read_pickle(text);
    const auto items = pickle.objects[pickle.root].items();
    ASSERT_EQ(items.size(), 5U);
    EXPECT_EQ(items[0], items[1]);
    EXPECT_EQ(items[0], items[2]);
    EXPECT_NE(items[0], items[3]);
    EXPECT_EQ(items[3], items[4]);
}

TEST(Pickle, MarksMayLieInEachOther)
{
    const auto text = raw("((K\x01K\x02tK\x03"
                          "0K\x04t.");
    const auto pickle = read_pickle(text);
    const auto outer = pickle.objects[pickle.root].items();
    ASSERT_EQ(outer.size(), 2U);
    EXPECT_EQ(pickle.objects[outer[0]].items().size(), 2U);
    EXPECT_EQ(pickle.objects[outer[1]].integer(), 4);
}

TEST(Pickle, CallsAreWrittenDownAndNotMade)
{
    const auto text = raw("cos\nsystem\n(U\x0frm -rf /nothingtR}(U\x01"
                          "aK\x01ub.");
    const auto pickle = read_pickle(text);
    EXPECT_EQ(pickle.objects.callable_name(pickle.root), "os.system");
    const auto& call = pickle.objects[pickle.root].items();
    EXPECT_EQ(pickle.objects[call[arguments]].items().size(), 1U);
    EXPECT_EQ(pickle.objects.entries_of(call[state]).size(), 1U);
    EXPECT_EQ(pickle.objects.described(pickle.root), "a 'os.system'");
}

TEST(Pickle, NamesFromTheStackAreTheSame)
{
    const auto text = raw("\x8c\x05torch\x8c\x0c"
                          "FloatStorage\x93.");
    const auto pickle = read_pickle(text);
    EXPECT_EQ(pickle.objects.global_name(pickle.root), "torch.FloatStorage");
}

TEST(Pickle, EndsAtStopAndSaysWhere)
{
    const auto text = raw("\x80\x02K\x07.K\x08.");
    const auto pickle = read_pickle(text);
    EXPECT_EQ(pickle.length, 5U);
    EXPECT_EQ(pickle.objects[pickle.root].integer(), 7);
}

} // namespace
} // namespace fa::models::pickle
