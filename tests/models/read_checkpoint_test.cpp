/// Which reader a file gets. What is in torch.save's own files Python compares (torch_files_agree.py).
#include "models/checkpoint.hpp"
#include "tests/models/small_resmlp.hpp"
#include "tests/models/torch_file_text.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <cstring>

namespace fa::models {
namespace {

using fa::testing::message_of;
using fa::testing::raw;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

/// {"w": [[0, 1, 2], [3, 4, 5]]} as float32, stored by columns.
std::string torch_file()
{
    const float columns[] = {0, 3, 1, 4, 2, 5};
    std::string storage(sizeof columns, '\0');
    std::memcpy(storage.data(), columns, sizeof columns);
    const fa::testing::TensorText tensor{.strides = raw("K\x01K\x02\x86")};
    return fa::testing::zip_of(
        fa::testing::records_of(fa::testing::dict_of(tensor.opcodes()), {{"0", storage}}));
}

TEST(ReadCheckpoint, TakesTheFormatThatTheBytesShow)
{
    const fa::testing::ScratchFolder folder;
    Checkpoint checkpoint;
    checkpoint.tensors.emplace("w", at::arange(6, at::kFloat).reshape({2, 3}));
    write_safetensors(folder / "called.pt", checkpoint);
    folder.write("called.safetensors", torch_file());
    for (const auto* name : {"called.pt", "called.safetensors"}) {
        const auto bytes = fa::testing::bytes_of(folder / name);
        const auto w = read_checkpoint(std::as_bytes(std::span(bytes))).tensors.at("w");
        EXPECT_TRUE(w.equal(checkpoint.tensors.at("w"))) << name;
        EXPECT_TRUE(w.is_contiguous());
        EXPECT_THAT(read_checkpoint_header(folder / name).shapes, ElementsAre(Pair("w", ElementsAre(2, 3))));
    }
}

TEST(ReadCheckpoint, TensorsOutliveTheBytesTheyWereReadFrom)
{
    auto bytes = torch_file();
    const auto w = read_checkpoint(std::as_bytes(std::span(bytes))).tensors.at("w");
    std::fill(bytes.begin(), bytes.end(), '\xff');
    EXPECT_TRUE(w.equal(at::arange(6, at::kFloat).reshape({2, 3})));
}

TEST(ReadCheckpoint, OfNeitherFormatSaysSo)
{
    const std::string text = "These are the weights of my network.";
    EXPECT_THAT(message_of<CheckpointError>([&] { read_checkpoint(std::as_bytes(std::span(text))); }),
                HasSubstr("neither a safetensors nor a torch.save file"));
}

TEST(ReadCheckpoint, SafetensorsHaveNoParts)
{
    const fa::testing::ScratchFolder folder;
    write_safetensors(folder / "x.st", {});
    EXPECT_THAT(message_of<CheckpointError>([&] { read_checkpoint_header(folder / "x.st", "model"); }),
                AllOf(HasSubstr("x.st"), HasSubstr("leave away ':model'")));
}

TEST(ReadCheckpointHeader, NamesTheFileThatIsMissingOrWrong)
{
    EXPECT_THAT(message_of<CheckpointError>([] { read_checkpoint_header("/nonexistent/x.pt"); }),
                HasSubstr("/nonexistent/x.pt: No such file"));
    const fa::testing::ScratchFolder folder;
    folder.write("empty.pt", "");
    folder.write("cut.pt", torch_file().substr(0, 100));
    for (const auto* name : {"empty.pt", "cut.pt"})
        EXPECT_THAT(message_of<CheckpointError>([&] { read_checkpoint_header(folder / name); }),
                    AllOf(HasSubstr((folder / name).string()), HasSubstr("truncated?")));
}

} // namespace
} // namespace fa::models
