/// The spellings of names that make_network understands.
#include "models/checkpoint.hpp"
#include "models/network.hpp"
#include "tests/models/small_resmlp.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace fa::models {
namespace {

using ::testing::HasSubstr;

Checkpoint renamed(const std::function<std::string(std::string)>& rename)
{
    Checkpoint checkpoint;
    for (const auto& [name, tensor] : fa::testing::small_tensors({.hidden = 9}))
        checkpoint.tensors.emplace(rename(name), tensor);
    return checkpoint;
}

std::string replaced(std::string name, const std::string& from, const std::string& to)
{
    if (const auto at = name.find(from); at != std::string::npos)
        name.replace(at, from.size(), to);
    return name;
}

/// The names of the protocol's own code.
std::string as_in_the_protocol(std::string name)
{
    if (name.starts_with("head"))
        name = "out_" + name;
    return replaced(replaced(name, "fc1", "w1"), "fc2", "w2");
}

std::function<std::string(std::string)> behind(const std::string& prefix)
{
    return [=](const std::string& name) { return prefix + name; };
}

void expect_same_network(const Checkpoint& checkpoint)
{
    const auto inputs = fa::testing::small_inputs(4, 5);
    const auto usual = make_network(renamed([](auto name) { return name; }), "auto")->forward(inputs).logits;
    EXPECT_TRUE(make_network(checkpoint, "auto")->forward(inputs).logits.equal(usual));
}

std::string refusal(const Checkpoint& checkpoint)
{
    return fa::testing::message_of<CheckpointError>([&] { make_network(checkpoint, "resmlp"); });
}

TEST(Names, OfTheProtocolsOwnCodeAreThoseOfAResMlp)
{
    expect_same_network(renamed(as_in_the_protocol));
}

TEST(Names, WrappersPrefixesArePassedOverInAnyOrder)
{
    for (const auto* prefix :
         {"module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "module.module."})
        expect_same_network(renamed(behind(prefix)));
}

TEST(Names, FeedbackNeedsNoPrefixAndMayHaveIt)
{
    auto checkpoint = renamed(behind("module."));
    checkpoint.tensors["feedback.0"] = at::zeros({6, 3});
    checkpoint.tensors["module.feedback.1"] = at::zeros({6, 3});
    expect_same_network(checkpoint);
}

TEST(Names, APrefixThatNotAllHaveIsNone)
{
    auto checkpoint = renamed(behind("module."));
    const auto head = checkpoint.tensors.extract("module.head.bias");
    checkpoint.tensors["head.bias"] = head.mapped();
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'embed.weight' is missing"));
}

TEST(Names, MessagesSpellThemAsTheFileDoes)
{
    auto checkpoint = renamed([](auto name) { return "module." + as_in_the_protocol(name); });
    checkpoint.tensors["module.blocks.1.w2.weight"] = at::zeros({6, 8}, at::kDouble);
    checkpoint.tensors["module.pos_embed"] = at::zeros({1, 6});
    checkpoint.tensors.erase("module.out_ln.bias");
    const auto message = refusal(checkpoint);
    EXPECT_THAT(message, HasSubstr("'module.blocks.1.w2.weight' has shape [6, 8] where [6, 9] was expected"));
    EXPECT_THAT(message, HasSubstr("'module.pos_embed' [1, 6] is left over"));
    EXPECT_THAT(message, HasSubstr("'module.out_ln.bias' is missing (expected [6])"));
}

TEST(Names, BothSpellingsOfOneTensorAreOneTooMany)
{
    auto checkpoint = renamed([](auto name) { return name; });
    checkpoint.tensors["blocks.0.w1.weight"] = at::zeros({9, 6});
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'blocks.0.w1.weight' [9, 6] is left over"));
}

TEST(Names, ABiasThatNoBlockHasIsNoneAndOneThatSomeHaveIsMissing)
{
    auto checkpoint = renamed(as_in_the_protocol);
    auto zeros = checkpoint;
    for (const auto* name : {"blocks.0.w1.bias", "blocks.1.w1.bias"}) {
        checkpoint.tensors.erase(name);
        zeros.tensors[name] = at::zeros({9}, at::kDouble);
    }
    const auto inputs = fa::testing::small_inputs(4, 5);
    EXPECT_TRUE(at::allclose(make_network(checkpoint, "auto")->forward(inputs).logits,
                             make_network(zeros, "auto")->forward(inputs).logits, 0, 1e-14));
    checkpoint.tensors.erase("blocks.1.w2.bias");
    EXPECT_THAT(refusal(checkpoint), HasSubstr("'blocks.1.w2.bias' is missing"));
}

TEST(Names, TheManifestsActivationCountsMoreThanTheMetadata)
{
    auto checkpoint = renamed([](auto name) { return name; });
    const auto inputs = fa::testing::small_inputs(4, 5);
    const auto logits = [&](const std::map<std::string, std::string>& keys) {
        return make_network(checkpoint, "resmlp", keys)->forward(inputs).logits;
    };
    const auto gelu = logits({});
    checkpoint.metadata["activation"] = "relu";
    EXPECT_FALSE(at::allclose(logits({}), gelu));
    EXPECT_TRUE(logits({{"activation", "gelu"}}).equal(gelu));
    checkpoint.metadata["activation"] = "swish";
    EXPECT_THAT(refusal(checkpoint),
                HasSubstr("metadata activation is 'swish' where relu, tanh, sigmoid, gelu, gelu_tanh or "
                          "identity was expected"));
}

TEST(Names, AKeyThatMeansNothingToTheModelIsRefused)
{
    const auto message = fa::testing::message_of<CheckpointError>(
        [&] { make_network(renamed([](auto name) { return name; }), "resmlp", {{"num_heads", "4"}}); });
    EXPECT_THAT(message, HasSubstr("key 'num_heads' means nothing to model=resmlp (it takes activation or "
                                   "layer_norm_eps)"));
}

} // namespace
} // namespace fa::models
