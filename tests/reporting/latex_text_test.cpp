#include "reporting/latex_text.hpp"

#include <gmock/gmock.h>

namespace {

using fa::reporting::breakable_latex;
using fa::reporting::latex;
using fa::reporting::latex_prose;

TEST(Latex, EscapesWhatLatexReadsAsACommand)
{
    EXPECT_EQ(latex("a_b & 50% #1"), "a\\_b \\& 50\\% \\#1");
    EXPECT_EQ(latex("{$x$}"), "\\{\\$x\\$\\}");
    EXPECT_EQ(latex("\\end~^"), "\\textbackslash{}end\\textasciitilde{}\\textasciicircum{}");
}

TEST(Latex, WritesSymbolsAsMathematics)
{
    EXPECT_EQ(latex("Γ ± ‖h‖"), "$\\Gamma$ $\\pm$ $\\|$h$\\|$");
    EXPECT_EQ(latex("a < b | c"), "a $<$ b $|$ c");
    EXPECT_EQ(latex("0 – 1"), "0 -- 1");
}

TEST(Latex, LetsNothingJoin)
{
    EXPECT_EQ(latex("a--b"), "a-{}-b");
    EXPECT_EQ(latex("---"), "-{}-{}-");
    EXPECT_EQ(latex(",,"), ",{},");
}

TEST(Latex, KeepsAccentedLettersAndNamesOtherCharacters)
{
    EXPECT_EQ(latex("Lillicrap é ß ž"), "Lillicrap é ß ž");
    EXPECT_EQ(latex("中"), "[U+4E2D]");
    EXPECT_EQ(latex("🙂"), "[U+1F642]");
}

TEST(Latex, ReplacesControlCharactersAndInvalidBytes)
{
    EXPECT_EQ(latex("a\x1b[31m"), "a?[31m");
    EXPECT_EQ(latex("a\xff"), "a?");
}

TEST(BreakableLatex, BreaksLongWordsBehindPunctuation)
{
    EXPECT_EQ(breakable_latex("short-name"), "short-name");
    EXPECT_EQ(breakable_latex("a-longer_name-s42"),
              "a-\\allowbreak{}longer\\_\\allowbreak{}name-\\allowbreak{}s42");
}

TEST(BreakableLatex, BreaksWordsWithoutPunctuation)
{
    EXPECT_EQ(breakable_latex("abcdefghijklmnop"), "abcdefghijkl\\allowbreak{}mnop");
}

TEST(LatexProse, SetsTheSymbolsOfOurSentencesAsMathematics)
{
    EXPECT_EQ(latex_prose("Γ_train of h_l"), "$\\Gamma_{\\mathrm{train}}$ of $h_l$");
    EXPECT_EQ(latex_prose("median ‖h_l‖ at layer ⌊L/2⌋"),
              "median $\\|h_l\\|$ at layer $\\lfloor L/2\\rfloor$");
}

} // namespace
