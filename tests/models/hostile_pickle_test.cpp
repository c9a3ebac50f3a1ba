/// Pickles that are wrong on purpose: each is refused with its reason, in little time and memory.
#include "models/pickle/stack.hpp"
#include "tests/models/pickle_text.hpp"

#include <gmock/gmock.h>

#include <random>

namespace fa::models::pickle {
namespace {

using fa::testing::little_endian;
using fa::testing::pickle_refusal;
using fa::testing::raw;
using fa::testing::read_pickle;
using fa::testing::repeated;
using ::testing::HasSubstr;

struct Bad {
    const char* name;
    std::string pickled;
    const char* expected; ///< part of the message
};

class BadPickle : public ::testing::TestWithParam<Bad> {};

TEST_P(BadPickle, IsRefusedWithItsReason)
{
    EXPECT_THAT(pickle_refusal(GetParam().pickled), HasSubstr(GetParam().expected));
}

const Bad catalogue[] = {
    {"Empty", "", "ends without its STOP"},
    {"NoStop", raw("K\x01"), "ends without its STOP"},
    {"StopOnNothing", ".", "the stack is empty"},
    {"UnknownOpcode", "~.", "opcode '~' at byte 0"},
    {"ZeroByte", raw("\x00."), "opcode 0x00"},
    {"Protocol9", raw("\x80\x09N."), "protocol 9 is not known"},
    {"TextOf4GiB",
     raw("X\xff\xff\xff\xff"
         "abc."),
     "4294967295 bytes are claimed, 4 are left"},
    {"TextOf2To64",
     raw("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
         "abc."),
     "18446744073709551615 bytes are claimed"},
    {"BytesOf2To63",
     raw("\x8e\x00\x00\x00\x00\x00\x00\x00\x80"
         "abc."),
     "9223372036854775808 bytes are claimed"},
    {"ByteArrayOf2To63", raw("\x96\x00\x00\x00\x00\x00\x00\x00\x80."), "bytes are claimed"},
    {"LongOf2To31", raw("\x8b\xff\xff\xff\x7f\x01."), "2147483647 bytes are claimed"},
    {"LongOfNegativeLength", raw("\x8b\xff\xff\xff\xff\x01."), "4294967295 bytes are claimed"},
    {"FrameBeyondTheFile", raw("\x95\xff\xff\xff\xff\xff\xff\xff\x7fN."), "the frame is longer"},
    {"DecimalThatIsNone", "I12x\n.", "a line that holds no integer"},
    {"DecimalWithoutEnd", "I" + std::string(5000, '1'), "a line of at most 1000 bytes"},
    {"NameWithoutEnd", "c" + std::string(5000, 'a'), "a line of at most 1000 bytes"},
    {"MemoOfNothing", raw("h\x05."), "memo index 5 holds nothing"},
    {"MemoGap", raw("Nq\x02h\x01."), "memo index 1 holds nothing"},
    {"MemoIndexOf2To32", raw("Nr\xff\xff\xff\xff."), "memo index 4294967295 is higher"},
    {"MemoOfEmptyStack", raw("q\x00N."), "the stack is empty"},
    {"NoMark", "t.", "no mark was set"},
    {"BelowTheMark", "N(a.", "the stack is empty"},
    {"TupleOfTooFew", raw("N\x87."), "the stack is empty"},
    {"KeyWithoutValue", "}(Nu.", "a key without a value"},
    {"AppendToText", raw("U\x01xNa."), "appends to bytes of 1"},
    {"AssignToList", "]NNs.", "assigns to a key of a list of 0"},
    {"StateOfNone", "NNb.", "sets the state of None"},
    {"StateOfDict", "}Nb.", "sets the state of a dict of 0"},
    {"CallWithoutTuple", "cos\nsystem\nNR.", "where a tuple of arguments was expected"},
    {"NameOfNumbers", raw("K\x01K\x02\x93."), "a module and a name"},
    {"InstanceOfNoClass", "(o.", "an instance of no class"},
    {"ExtensionRegistry", raw("\x82\x01."), "extension registry"},
    {"OutOfBandBuffer", raw("\x97."), "a buffer outside the file"},
    {"Protocol0Text", "S'x'\n.", "pickle protocol 0"},
    {"Protocol0Memo", "Np0\n.", "pickle protocol 0"},
};

INSTANTIATE_TEST_SUITE_P(Catalogue, BadPickle, ::testing::ValuesIn(catalogue),
                         [](const auto& bad) { return bad.param.name; });

TEST(HostilePickle, NestingOfMillionsNeedsNoRecursion)
{
    const auto lists = repeated("]", 1'000'000) + repeated("a", 999'999) + ".";
    EXPECT_EQ(pickle_refusal(lists), "accepted");
    const auto tuples = "N" + repeated("\x85", 1'000'000) + ".";
    EXPECT_EQ(pickle_refusal(tuples), "accepted");
    const auto calls = "cos\nsystem\n" + repeated(")R", 1'000'000) + ".";
    EXPECT_EQ(pickle_refusal(calls), "accepted");
}

TEST(HostilePickle, AListMayContainItself)
{
    const auto text = raw("]q\x00h\x00"
                          "a.");
    const auto pickle = read_pickle(text);
    EXPECT_EQ(pickle.objects[pickle.root].items().at(0), pickle.root);
    EXPECT_EQ(pickle.objects.described(pickle.root), "a list of 1");
}

TEST(HostilePickle, MoreObjectsThanACheckpointHasAreRefused)
{
    EXPECT_THAT(pickle_refusal(repeated("]", most_objects + 1) + "."),
                HasSubstr("more than 3000000 objects"));
    EXPECT_THAT(pickle_refusal("N" + repeated("2", most_objects + 1) + "."),
                HasSubstr("values on the stack"));
    EXPECT_THAT(pickle_refusal(repeated("(", most_objects + 1) + "."), HasSubstr("more than 3000000 marks"));
}

/// Two dicts, calls, a memo, numbers and text: something of everything torch.save writes.
std::string valid_pickle()
{
    using fa::testing::text;
    return raw("\x80\x02}q\x00(") + text("epoch") + raw("q\x01K\x03") + text("w") +
           raw("q\x02"
               "ctorch._utils\n_rebuild_tensor_v2\nq\x03((") +
           text("storage") + raw("ctorch\nFloatStorage\nq\x04") + text("0") + text("cpu") +
           raw("K\x06tq\x05QK\x00K\x02K\x03\x86K\x03K\x01\x86\x89"
               "ccollections\nOrderedDict\n)RtR") +
           text("lr") + raw("G?\xb9\x99\x99\x99\x99\x99\x9a") + text("far") +
           raw("\x8a\x06\x00\x00\x00\x00\x00\x01u.");
}

TEST(HostilePickle, EveryTruncationIsRefused)
{
    const auto whole = valid_pickle();
    ASSERT_EQ(pickle_refusal(whole), "accepted");
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_NE(pickle_refusal(whole.substr(0, length)), "accepted") << length;
}

TEST(HostilePickle, EveryByteMayBeAnyOther)
{
    const auto whole = valid_pickle();
    for (std::size_t at = 0; at < whole.size(); ++at)
        for (int value = 0; value < 256; ++value) {
            auto changed = whole;
            changed[at] = static_cast<char>(value);
            try {
                const auto pickle = read_pickle(changed);
                EXPECT_LE(pickle.objects.size(), 2 * changed.size());
                pickle.objects.described(pickle.root);
            } catch (const CheckpointError& error) {
                EXPECT_THAT(error.what(), HasSubstr("pickle, opcode"));
            }
        }
}

TEST(HostilePickle, RandomOpcodesAreReadOrRefused)
{
    const auto opcodes = raw("NK\x01]})(tae.su\x85\x86\x87"
                             "0122q\x00h\x00Rb\x81\x93Q\x88\x89l\x8f\x90\x91oJMGXUC");
    std::mt19937_64 random(5);
    for (int i = 0; i < 50'000; ++i) {
        std::string pickled(random() % 60, '.');
        for (auto& byte : pickled)
            byte = opcodes[random() % opcodes.size()];
        pickle_refusal(pickled);
    }
}

} // namespace
} // namespace fa::models::pickle
