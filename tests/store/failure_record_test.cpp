#include "store/failure_record.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace fa::store {
namespace {

class Failures : public ::testing::Test {
  protected:
    Failures() { layout.make_folders(); }
    fa::testing::ScratchFolder folder;
    Layout layout{folder.path()};
};

TEST_F(Failures, AreRememberedWithTheirReason)
{
    const FailureRecord failure{"dfa \"1\"", "abc", "embed.weight is missing\n(line 2, ü)"};
    record_failure(layout, failure);
    EXPECT_EQ(read_failure(layout, failure.name), failure);
}

TEST_F(Failures, AreNoneWhereNoneIsRecorded)
{
    EXPECT_EQ(read_failure(layout, "bp"), std::nullopt);
}

TEST_F(Failures, AreJson)
{
    record_failure(layout, {"bp", "d1", "truncated"});
    const auto record = nlohmann::json::parse(fa::testing::bytes_of(layout.failed("bp")));
    EXPECT_EQ(record, (nlohmann::json{{"name", "bp"}, {"digest", "d1"}, {"reason", "truncated"}}));
}

TEST_F(Failures, OfAnotherReasonReplaceTheFirst)
{
    record_failure(layout, {"bp", "", "first"});
    record_failure(layout, {"bp", "", "second"});
    EXPECT_EQ(read_failure(layout, "bp")->reason, "second");
}

TEST_F(Failures, AreForgottenWhenCleared)
{
    record_failure(layout, {"bp", "", "x"});
    clear_failure(layout, "bp");
    clear_failure(layout, "bp");
    EXPECT_EQ(read_failure(layout, "bp"), std::nullopt);
}

TEST_F(Failures, SurviveReasonsThatAreNoUtf8)
{
    record_failure(layout, {"bp", "", "tensor '\xff\xfe' is unknown"});
    EXPECT_THAT(read_failure(layout, "bp")->reason, ::testing::HasSubstr("is unknown"));
}

TEST_F(Failures, ThatCannotBeReadAreStillFailures)
{
    for (const char* content : {"", "{", "[1]", "{\"reason\": 3}"}) {
        folder.write("runs/bp.failed", content);
        EXPECT_THAT(read_failure(layout, "bp")->reason, ::testing::HasSubstr("can't be read")) << content;
    }
}

} // namespace
} // namespace fa::store
