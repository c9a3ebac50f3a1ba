#include "jobs/manifest_words.hpp"

#include <gmock/gmock.h>

namespace fa::jobs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// "key|value" of each word; a word without '=' has no bar.
std::vector<std::string> split(std::string_view line)
{
    std::vector<std::string> result;
    for (const Word& word : split_line(line).words) {
        result.push_back(word.has_value ? word.key + "|" + word.value : word.key);
    }
    return result;
}

TEST(ManifestWords, AreSeparatedByAnyBlanks)
{
    EXPECT_THAT(split("  a=1\t\tb=2  c "), ElementsAre("a|1", "b|2", "c"));
}

TEST(ManifestWords, EndAtAComment)
{
    EXPECT_THAT(split("a=1 # b=2"), ElementsAre("a|1"));
}
TEST(ManifestWords, OfACommentLineAreNone)
{
    EXPECT_THAT(split("   # default a=1"), IsEmpty());
}
TEST(ManifestWords, KeepANumberSignInside)
{
    EXPECT_THAT(split("note=run#3 b=1"), ElementsAre("note|run#3", "b|1"));
}
TEST(ManifestWords, KeepAQuotedNumberSign)
{
    EXPECT_THAT(split("note='# 3' b=1"), ElementsAre("note|# 3", "b|1"));
}
TEST(ManifestWords, KeepSpacesInDoubleQuotes)
{
    EXPECT_THAT(split("note=\"a  b\""), ElementsAre("note|a  b"));
}
TEST(ManifestWords, KeepTheOtherQuoteInQuotes)
{
    EXPECT_THAT(split("note=\"it's\""), ElementsAre("note|it's"));
}
TEST(ManifestWords, AllowQuotesInTheMiddle)
{
    EXPECT_THAT(split("data=my' data'.h5"), ElementsAre("data|my data.h5"));
}
TEST(ManifestWords, AllowQuotesAroundTheWhole)
{
    EXPECT_THAT(split("'note=a b'"), ElementsAre("note=a b"));
}
TEST(ManifestWords, SplitAtTheFirstEqualSign)
{
    EXPECT_THAT(split("note=a=b"), ElementsAre("note|a=b"));
}
TEST(ManifestWords, MayHaveEmptyValues)
{
    EXPECT_THAT(split("note= group=''"), ElementsAre("note|", "group|"));
}

TEST(ManifestWords, TellWhereAQuoteBeginsThatNeverEnds)
{
    const Words words = split_line("a=1 note='x y");
    ASSERT_EQ(words.errors.size(), 1u);
    EXPECT_THAT(words.errors[0], ::testing::AllOf(HasSubstr("unterminated quote"), HasSubstr("column 10")));
    EXPECT_EQ(words.words.size(), 1u);
}

TEST(ManifestText, MayBeAnyLanguage)
{
    EXPECT_EQ(text_error("note='Rückkopplung 反馈 \U0001F9EA'\t"), "");
}
TEST(ManifestText, HasNoControlCharacters)
{
    EXPECT_THAT(text_error("a\x1b[31m"), HasSubstr("column 2"));
}
TEST(ManifestText, HasNoZeroBytes)
{
    EXPECT_THAT(text_error(std::string_view("ab\0", 3)), HasSubstr("column 3"));
}
TEST(ManifestText, HasNoLatin1)
{
    EXPECT_THAT(text_error("R\xfc"
                           "ck"),
                HasSubstr("UTF-8"));
}
TEST(ManifestText, HasNoOverlongForms)
{
    EXPECT_THAT(text_error("\xc0\xaf"), HasSubstr("UTF-8"));
}
TEST(ManifestText, HasNoSurrogates)
{
    EXPECT_THAT(text_error("\xed\xa0\x80"), HasSubstr("UTF-8"));
}
TEST(ManifestText, HasNoCutSequences)
{
    EXPECT_THAT(text_error("abc\xe2\x82"), HasSubstr("column 4"));
}

TEST(ManifestText, IsShownShortAndHarmless)
{
    EXPECT_EQ(shown("a\x1b[31mb"), "a?[31mb");
    const std::string cut = shown(std::string(159, 'x') + "ü" + std::string(1000, 'y'));
    EXPECT_EQ(cut, std::string(159, 'x') + "…") << "a character is shown whole or not at all";
}

} // namespace
} // namespace fa::jobs
