#include "aggregation/training_record.hpp"

#include <gmock/gmock.h>

namespace fa::aggregation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

store::RunAttributes recording(const std::string& credit, const std::string& method, const std::string& seed)
{
    store::RunAttributes run;
    run.credit = "dfa";
    run.recorded_credit = credit;
    run.recorded_method = method;
    run.recorded_seed = seed;
    return run;
}

jobs::RunSpec seeded(std::optional<std::int64_t> seed)
{
    jobs::RunSpec spec;
    spec.seed = seed;
    return spec;
}

TEST(TrainingRecord, IsShownAsTheCheckpointHasIt)
{
    EXPECT_EQ(record_sentence(recording("dfa", "DFA-gentle", "42")),
              "The checkpoint records method 'DFA-gentle', credit 'dfa' and seed '42'.");
    EXPECT_EQ(record_sentence(recording("", "", "42")), "The checkpoint records seed '42'.");
    EXPECT_EQ(record_sentence(recording("", "", "")), "");
}

TEST(TrainingRecord, ThatAgreesWarnsOfNothing)
{
    EXPECT_THAT(record_warnings(seeded(42), recording("dfa", "DFA", "42")), IsEmpty());
    EXPECT_THAT(record_warnings(seeded(42), recording("", "", "")), IsEmpty());
    EXPECT_THAT(record_warnings(seeded({}), recording("dfa", "DFA", "42")), IsEmpty());
}

TEST(TrainingRecord, OfAnotherRuleIsWarnedOfOnce)
{
    EXPECT_THAT(record_warnings(seeded({}), recording("fa", "FA", "")),
                ElementsAre("the checkpoint records credit 'fa', and what is evaluated is credit=dfa: Γ is "
                            "that of another rule than the recorded one"));
    EXPECT_THAT(record_warnings(seeded({}), recording("", "sDFA", "")),
                ElementsAre(HasSubstr("method 'sDFA'")));
}

TEST(TrainingRecord, OfAMethodThatIsNoRuleWithMatricesIsNotCompared)
{
    EXPECT_THAT(record_warnings(seeded({}), recording("", "BP", "")), IsEmpty());
    EXPECT_THAT(record_warnings(seeded({}), recording("dfa", "BP", "")), IsEmpty());
}

TEST(TrainingRecord, IsNotComparedWithTheNetworksOwnRuleNorWithNone)
{
    for (const auto* credit : {"callback", "none"}) {
        auto run = recording("fa", "FA", "");
        run.credit = credit;
        EXPECT_THAT(record_warnings(seeded({}), run), IsEmpty());
    }
}

TEST(TrainingRecord, OfAnotherSeedThanTheManifestsIsWarnedOf)
{
    EXPECT_THAT(record_warnings(seeded(123), recording("", "", "42")),
                ElementsAre("the checkpoint records seed 42, and the manifest says seed=123"));
    EXPECT_THAT(record_warnings(seeded(123), recording("", "", "42-b")), IsEmpty());
}

} // namespace
} // namespace fa::aggregation
