#include "models/mapped_file.hpp"

#include "models/checkpoint_error.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <string>

namespace fa::models {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::size_t size = 100'000;

TEST(MappedFile, HasTheFilesBytes)
{
    const fa::testing::ScratchFolder folder;
    const MappedFile file(folder.write("a", "bytes"));
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()), "bytes");
    EXPECT_NO_THROW(file.check_still_whole());
}

TEST(MappedFile, ThatIsCutWhileItIsReadIsAnErrorNotTheEndOfTheProcess)
{
    const fa::testing::ScratchFolder folder;
    const auto path = folder.write("cut.pt", std::string(size, 'x'));
    const auto other = folder.write("other.pt", std::string(size, 'y'));
    const MappedFile file(path), whole(other);
    std::filesystem::resize_file(path, 10);
    EXPECT_EQ(file.bytes()[0], std::byte{'x'});
    EXPECT_EQ(file.bytes()[size - 1], std::byte{0});
    EXPECT_EQ(file.bytes()[size / 2], std::byte{0});
    EXPECT_THAT([&] { file.check_still_whole(); },
                ThrowsMessage<CheckpointError>(AllOf(HasSubstr("cut.pt"), HasSubstr("became shorter"))));
    EXPECT_EQ(whole.bytes()[size - 1], std::byte{'y'});
    EXPECT_NO_THROW(whole.check_still_whole());
}

TEST(MappedFile, OfTheSamePlaceKnowsNothingOfAnEarlierOne)
{
    const fa::testing::ScratchFolder folder;
    for (int time = 0; time < 100; ++time) {
        const auto path = folder.write("a", std::string(size, 'x'));
        const MappedFile file(path);
        if (time % 2 == 0) {
            EXPECT_EQ(file.bytes()[size - 1], std::byte{'x'});
            EXPECT_NO_THROW(file.check_still_whole());
            continue;
        }
        std::filesystem::resize_file(path, 0);
        EXPECT_EQ(file.bytes()[0], std::byte{0});
        EXPECT_THROW(file.check_still_whole(), CheckpointError);
    }
}

TEST(MappedFileDeathTest, LeavesOtherBusErrorsAlone)
{
    EXPECT_DEATH(
        {
            const fa::testing::ScratchFolder folder;
            const MappedFile file(folder.write("a", "bytes"));
            std::raise(SIGBUS);
        },
        "");
}

} // namespace
} // namespace fa::models
