#include "models/checkpoint.hpp"
#include "models/network.hpp"
#include "tests/models/small_resmlp.hpp"

#include <gmock/gmock.h>

namespace fa::models {
namespace {

using ::testing::HasSubstr;

Checkpoint small()
{
    return {.tensors = fa::testing::small_tensors(), .metadata = {}};
}

std::string refusal(const Checkpoint& checkpoint, const std::string& model = "auto")
{
    return fa::testing::message_of<CheckpointError>([&] { make_network(checkpoint, model); });
}

TEST(MakeNetwork, TakesWidthsDepthAndClassesFromTheShapes)
{
    const auto network = make_network(small(), "auto");
    EXPECT_EQ(network->widths(), (std::vector<std::int64_t>{6, 6, 6}));
    EXPECT_EQ(network->classes(), 3);
    EXPECT_EQ(network->architecture(), "resmlp-2x6");
}

TEST(MakeNetwork, NamesAWidenedHiddenLayerInTheArchitecture)
{
    const Checkpoint checkpoint{.tensors = fa::testing::small_tensors({.hidden = 12}), .metadata = {}};
    EXPECT_EQ(make_network(checkpoint, "resmlp")->architecture(), "resmlp-2x6-h12");
}

TEST(MakeNetwork, PassesOverFeedbackMatrices)
{
    auto checkpoint = small();
    checkpoint.tensors["feedback.0"] = at::zeros({6, 3});
    EXPECT_EQ(make_network(checkpoint, "auto")->classes(), 3);
}

TEST(MakeNetwork, NamesAMissingTensorAndItsShape)
{
    auto checkpoint = small();
    checkpoint.tensors.erase("blocks.1.fc2.bias");
    EXPECT_THAT(refusal(checkpoint), HasSubstr("tensor 'blocks.1.fc2.bias' is missing (expected [6])"));
}

TEST(MakeNetwork, NamesALeftOverTensor)
{
    auto checkpoint = small();
    checkpoint.tensors["pos_embed"] = at::zeros({1, 6});
    EXPECT_THAT(refusal(checkpoint), HasSubstr("tensor 'pos_embed' [1, 6] is left over"));
}

TEST(MakeNetwork, PassesOverWhatTheManifestIgnores)
{
    auto checkpoint = small();
    for (const auto* name : {"blocks.0.bias_backward", "blocks.1.bias_backward", "ema.x"})
        checkpoint.tensors[name] = at::zeros({6, 3});
    EXPECT_EQ(make_network(checkpoint, "auto", {{"ignore", "blocks.*.bias_*,ema.x"}})->classes(), 3);
    const auto refused = [&](const std::string& patterns) {
        return fa::testing::message_of<CheckpointError>(
            [&] { make_network(checkpoint, "auto", {{"ignore", patterns}}); });
    };
    EXPECT_THAT(refused("*.bias_backward,ema"), HasSubstr("'ema.x' [6, 3] is left over"));
    EXPECT_THAT(refused("ema.x,blocks.1.*backward"),
                HasSubstr("'blocks.0.bias_backward' [6, 3] is left over"));
    EXPECT_THAT(refused("*"), HasSubstr("tensor 'embed.weight' is missing"));
    EXPECT_THAT(refusal(checkpoint), HasSubstr("ignore=NAME"));
    checkpoint.tensors["norm.running_var"] = at::ones({6});
    EXPECT_THAT(refused("norm.*"), HasSubstr("'norm.running_var' is a batch normalisation's"));
}

TEST(MakeNetwork, WidensTensorsOfOneByte)
{
    auto checkpoint = small();
    for (auto& [name, tensor] : checkpoint.tensors)
        tensor = tensor.to(at::kFloat8_e5m2);
    const auto network = make_network(checkpoint, "auto");
    EXPECT_EQ(network->forward(fa::testing::small_inputs(2, 5, at::kFloat)).logits.scalar_type(), at::kFloat);
}

TEST(MakeNetwork, NamesAMisshapenTensorAndWhatWasExpected)
{
    auto checkpoint = small();
    checkpoint.tensors["blocks.0.fc1.weight"] = at::zeros({6, 5}, at::kDouble);
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("'blocks.0.fc1.weight' has shape [6, 5] where [6, 6] was expected"));
}

TEST(MakeNetwork, SaysEverythingThatIsWrongAtOnceAndNoEndlessList)
{
    auto checkpoint = small();
    for (int i = 0; i < 50; ++i)
        checkpoint.tensors["extra." + std::to_string(i)] = at::zeros({1});
    checkpoint.tensors.erase("head.weight");
    const auto message = refusal(checkpoint);
    EXPECT_THAT(message, HasSubstr("'head.weight' is missing (expected [*, 6])"));
    EXPECT_THAT(message, HasSubstr("'extra.0' [1] is left over"));
    EXPECT_THAT(message, HasSubstr("more"));
    EXPECT_LT(message.size(), 600U);
}

TEST(MakeNetwork, AnEmptyCheckpointMissesTheFirstBlockToo)
{
    const auto message = refusal(Checkpoint{});
    EXPECT_THAT(message, HasSubstr("'embed.weight' is missing"));
    EXPECT_THAT(message, HasSubstr("'blocks.0.ln.weight' is missing"));
}

TEST(MakeNetwork, AGapInTheBlocksIsAMissingBlock)
{
    auto checkpoint = small();
    for (const auto* name : {"ln.weight", "ln.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"})
        checkpoint.tensors.erase(std::string("blocks.0.").append(name));
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'blocks.0.ln.weight' is missing"));
}

TEST(MakeNetwork, AnAbsurdBlockNumberIsLeftOver)
{
    auto checkpoint = small();
    checkpoint.tensors["blocks.99999999999999999999.ln.weight"] = at::zeros({6});
    checkpoint.tensors["blocks.007.ln.weight"] = at::zeros({6});
    const auto message = refusal(checkpoint);
    EXPECT_THAT(message, HasSubstr("'blocks.99999999999999999999.ln.weight' [6] is left over"));
    EXPECT_THAT(message, HasSubstr("'blocks.007.ln.weight' [6] is left over"));
}

TEST(MakeNetwork, IntegersAreNoWeights)
{
    auto checkpoint = small();
    checkpoint.tensors["head.bias"] = at::zeros({3}, at::kLong);
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'head.bias' holds Long where a floating type was expected"));
}

TEST(MakeNetwork, NarrowTypesAreWidenedToFloat)
{
    const Checkpoint half{.tensors = fa::testing::small_tensors({}, at::kHalf), .metadata = {}};
    const auto network = make_network(half, "auto");
    EXPECT_EQ(network->forward(fa::testing::small_inputs(2, 5, at::kFloat)).logits.scalar_type(), at::kFloat);
}

TEST(MakeNetwork, ListsTheKnownModelsForAnUnknownOne)
{
    EXPECT_THAT(refusal(small(), "vit_maxi"),
                HasSubstr("model 'vit_maxi' is not known (known: resmlp, vit_mini, mlp)"));
    auto checkpoint = small();
    checkpoint.metadata["model"] = "gpt";
    EXPECT_THAT(
        refusal(checkpoint, "auto"),
        HasSubstr("metadata say model 'gpt', which is not known: give model=resmlp, vit_mini or mlp"));
    EXPECT_EQ(make_network(checkpoint, "resmlp")->classes(), 3); // the manifest's word counts
}

TEST(MakeNetwork, AutoFollowsTheMetadataAndElseTheNames)
{
    auto checkpoint = small();
    checkpoint.metadata["model"] = "mlp";
    EXPECT_THAT(refusal(checkpoint, "auto"), HasSubstr("plain MLP"));
    Checkpoint convolutional;
    convolutional.tensors = {{"conv1.weight", at::zeros({4, 1, 3, 3})},
                             {"fc1.weight", at::zeros({5, 8})},
                             {"fc2.weight", at::zeros({3, 5})}};
    const auto message = refusal(convolutional, "auto");
    EXPECT_THAT(message, HasSubstr("'conv1.weight' [4, 1, 3, 3] is left over"));
    EXPECT_THAT(message, HasSubstr("audited as a TorchScript archive"));
}

TEST(MakeNetwork, LayerNormEpsComesFromTheMetadata)
{
    auto checkpoint = small();
    const auto inputs = fa::testing::small_inputs(2, 5);
    const auto usual = make_network(checkpoint, "auto")->forward(inputs).logits;
    checkpoint.metadata["layer_norm_eps"] = "1e-5";
    EXPECT_TRUE(make_network(checkpoint, "auto")->forward(inputs).logits.equal(usual));
    checkpoint.metadata["layer_norm_eps"] = "0.5";
    EXPECT_FALSE(at::allclose(make_network(checkpoint, "auto")->forward(inputs).logits, usual));
    for (const auto* wrong : {"", "x", "1e-5 ", "-1", "0", "nan", "inf"}) {
        checkpoint.metadata["layer_norm_eps"] = wrong;
        EXPECT_THAT(refusal(checkpoint), HasSubstr("layer_norm_eps")) << wrong;
    }
}

} // namespace
} // namespace fa::models
