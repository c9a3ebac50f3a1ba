/// Groups of seeds: who is in one, its intervals, its warnings and its sentences.
#include "aggregation/report.hpp"
#include "audited_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

using fa::testing::Store;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

TEST_F(Store, GroupsAreMethodPlusArchitectureUnlessNamed)
{
    manifest("name=a checkpoint=c.st method=DFA seed=1\nname=b checkpoint=c.st method=DFA seed=2\n"
             "name=c checkpoint=c.st method=DFA group=mine\nname=d checkpoint=c.st method=BP\n");
    for (const auto* name : {"a", "b", "c", "d"}) {
        run({.name = name, .architecture = "resmlp-4x256"});
    }
    const auto groups = audit().groups;
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0].name, "DFA resmlp-4x256");
    EXPECT_EQ(groups[0].n, 2U);
    EXPECT_EQ(groups[1].name, "mine");
    EXPECT_EQ(groups[2].name, "BP resmlp-4x256");
}

TEST_F(Store, GroupsOfFewSeedsAreWarnedOf)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1});
    run({.name = "b", .seed = 2});
    const auto all = audit();
    ASSERT_EQ(all.groups.size(), 1U);
    EXPECT_THAT(all.groups[0].warnings.front(), HasSubstr("n = 2"));
    EXPECT_FALSE(std::isnan(all.groups[0].strategies.front().train.interval.low));
    EXPECT_LE(all.groups[0].strategies.front().train.interval.low,
              all.groups[0].strategies.front().train.mean);
}

TEST_F(Store, AGroupsSentencesBeginWithTheRunsWhoseGammaIsNotInterpretable)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1, .growth = 1000});
    run({.name = "b", .seed = 2});
    report_text();
    EXPECT_THAT(table("robustness.md"), HasSubstr("Runs: a, b.\n\n- Γ is not interpretable in 1 of 2 runs."));
    run({.name = "a", .seed = 1});
    report_text();
    EXPECT_THAT(table("robustness.md"), HasSubstr("Runs: a, b.\n\n- Reseeding: "));
}

TEST_F(Store, AGroupSaysWhyReseedingCannotBeJudged)
{
    manifest(line("a") + line("b"));
    run({.name = "a", .seed = 1, .has_train = false});
    run({.name = "b", .seed = 2, .has_train = false});
    report_text();
    EXPECT_THAT(table("robustness.md"),
                AllOf(HasSubstr("- Reseeding: no run has a Γ_train; fresh feedback gives "),
                      HasSubstr("- Aggregation (fresh, means over 2 seeds): ")));
    manifest(line("a", "credit=sb") + line("b", "credit=sb"));
    run({.name = "a", .seed = 1, .credit = "sb", .feedback = "none"});
    run({.name = "b", .seed = 2, .credit = "sb", .feedback = "none"});
    report_text();
    EXPECT_THAT(table("robustness.md"),
                AllOf(HasSubstr("- Reseeding: no run has fresh draws (the rule has no feedback matrices"),
                      Not(HasSubstr("p = –"))));
}

TEST_F(Store, GroupsWhoseDrawsDifferAreWarnedOfButRunsWithoutCreditHaveNoneToDiffer)
{
    const auto warns = [&] {
        const auto groups = audit().groups;
        const auto& warnings = groups.at(0).warnings;
        return std::any_of(warnings.begin(), warnings.end(), [](const auto& text) {
            return text.find("fresh draws aren't common") != std::string::npos;
        });
    };
    const auto lines = [&](const char* keys_of_b) {
        return "name=a checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16 credit=none\n"
               "name=b checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16\n"
               "name=c checkpoint=c.st data=d.h5 group=g draws=20 batch_size=16 " +
               std::string(keys_of_b) + "\n";
    };
    run({.name = "a", .credit = "none", .draws = 0, .has_train = false});
    run({.name = "b"});
    run({.name = "c"});
    manifest(lines(""));
    EXPECT_FALSE(warns());
    run({.name = "c", .feedback_shared = true});
    manifest(lines("feedback_shared=true"));
    EXPECT_TRUE(warns());
}

TEST_F(Store, AGroupOfOneHasNoInterval)
{
    manifest(line("a"));
    run({.name = "a"});
    const auto all = audit();
    EXPECT_TRUE(std::isnan(all.groups[0].strategies.front().train.std));
    EXPECT_TRUE(std::isnan(all.groups[0].strategies.front().train.interval.low));
}

} // namespace
