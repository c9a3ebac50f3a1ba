#include "jobs/manifest_keys.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::jobs {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// The run after one key=value, or the error's text.
RunSpec set(const std::string& key, const std::string& value)
{
    RunSpec run;
    apply(run, key, value, {"/folder", Paths::unchecked});
    return run;
}

std::string error_of(const std::string& key, const std::string& value)
{
    try {
        set(key, value);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "no error";
}

TEST(ManifestKeys, AreThoseOfTheManual)
{
    EXPECT_THAT(manifest_keys(),
                ::testing::ElementsAre("name", "checkpoint", "model", "activation", "hidden_states",
                                       "num_heads", "layer_norm_eps", "image_size", "patch_order", "ignore",
                                       "data", "data_scale", "data_mean", "data_std", "normalize",
                                       "data_layout", "method", "group", "seed", "credit", "loss", "feedback",
                                       "feedback_sign", "feedback_shared", "feedback_distribution", "ep_beta",
                                       "ep_steps", "ep_step", "draws", "draw_seed", "eval_seed", "batches",
                                       "batch_size", "frozen", "headline", "note"));
}

TEST(ManifestKeys, SetLabels)
{
    EXPECT_EQ(set("method", "DFA, gentle").method, "DFA, gentle");
    EXPECT_EQ(set("group", "g").group, "g");
    EXPECT_EQ(set("note", "").note, "");
    EXPECT_EQ(set("seed", "-3").seed, -3);
    EXPECT_EQ(set("headline", "0.308").headline, 0.308);
    EXPECT_EQ(set("name", "Lauf 1 (ü)").name, "Lauf 1 (ü)");
}

TEST(ManifestKeys, SetWhatBecomesOfInputs)
{
    EXPECT_EQ(set("data_scale", "0.5").data_options, (DataOptions{.scale = 0.5}));
    EXPECT_EQ(set("data_mean", "0.5,-1,2e-3").data_options, (DataOptions{.mean = {0.5, -1.0, 2e-3}}));
    EXPECT_EQ(set("data_std", "2").data_options, (DataOptions{.std = {2.0}}));
    EXPECT_EQ(set("data_layout", "channels_last").data_options,
              (DataOptions{.layout = ImageLayout::channels_last}));
    EXPECT_EQ(set("normalize", "mnist").data_options, (DataOptions{.mean = {0.1307}, .std = {0.3081}}));
    RunSpec run = set("normalize", "cifar10");
    EXPECT_EQ(run.data_options.mean.size(), 3u);
    apply(run, "normalize", "none", {"/zoo", Paths::unchecked});
    EXPECT_EQ(run.data_options, DataOptions{});
}

TEST(ManifestKeys, RefuseInputsThatNoNetworkTakes)
{
    for (const auto* value : {"", "0", "-1", "x", "1e999", "1,2"})
        EXPECT_THAT(error_of("data_scale", value), HasSubstr("above 0")) << value;
    for (const auto* value : {"", "1,", ",1", "1,,2", "nan", "1 2", "1;2"})
        EXPECT_THAT(error_of("data_mean", value), HasSubstr("numbers between commas")) << value;
    EXPECT_THAT(error_of("data_std", "1,0"), HasSubstr("above 0"));
    EXPECT_THAT(error_of("normalize", "imagenet"), HasSubstr("cifar10, mnist and none"));
}

TEST(ManifestKeys, SetSizesAndSeeds)
{
    EXPECT_EQ(set("draws", "0").draws, 0);
    EXPECT_EQ(set("batches", "16").batches, 16);
    EXPECT_EQ(set("batch_size", "1").batch_size, 1);
    EXPECT_EQ(set("draw_seed", "18446744073709551615").draw_seed, 18446744073709551615u);
    EXPECT_EQ(set("eval_seed", "9").eval_seed, 9u);
}

TEST(ManifestKeys, SetTheRelaxationOfEp)
{
    EXPECT_EQ(set("ep_beta", "0.5").ep_beta, 0.5);
    EXPECT_EQ(set("ep_steps", "20").ep_steps, 20);
    EXPECT_EQ(set("ep_step", "1e-2").ep_step, 1e-2);
    for (const char* key : {"ep_beta", "ep_step"}) {
        for (const char* bad : {"0", "-1", "inf", "nan", "", "x"}) {
            EXPECT_THAT(error_of(key, bad), HasSubstr("a number above 0 is needed")) << key << "=" << bad;
        }
    }
    EXPECT_THAT(error_of("ep_steps", "0"), HasSubstr("a whole number from 1"));
}

TEST(ManifestKeys, SetChoices)
{
    EXPECT_EQ(set("credit", "none").credit, Credit::none);
    EXPECT_EQ(set("loss", "mse").loss, Loss::mse);
    EXPECT_EQ(set("model", "resmlp").model, "resmlp");
    EXPECT_EQ(set("feedback_sign", "-1").feedback_sign, -1);
    EXPECT_EQ(set("feedback_sign", "+1").feedback_sign, 1);
    EXPECT_TRUE(set("feedback_shared", "true").feedback_shared);
    EXPECT_EQ(set("feedback_distribution", "uniform").feedback_distribution, Distribution::uniform);
}

TEST(ManifestKeys, SetTheSourceOfFeedback)
{
    EXPECT_TRUE(std::holds_alternative<StoredFeedback>(set("feedback", "stored").feedback));
    EXPECT_TRUE(std::holds_alternative<NoFeedback>(set("feedback", "none").feedback));
    EXPECT_EQ(std::get<FileFeedback>(set("feedback", "b/../B.st").feedback).path, "/folder/B.st");
    EXPECT_EQ(std::get<FileFeedback>(set("feedback", "B.st").feedback).part, "");
    const auto part = std::get<FileFeedback>(set("feedback", "zoo/a.pt:run.Bs").feedback);
    EXPECT_EQ(part.path, "/folder/zoo/a.pt");
    EXPECT_EQ(part.part, "run.Bs");
    EXPECT_EQ(std::get<StoredFeedback>(set("feedback", "stored:blocks.{l-1}.B").feedback).pattern,
              "blocks.{l-1}.B");
    EXPECT_EQ(std::get<StoredFeedback>(set("feedback", "stored:net.{2l+2}.B").feedback).pattern,
              "net.{2l+2}.B");
    const auto ours = std::get<SeededFeedback>(set("feedback", "seed:42").feedback);
    EXPECT_EQ(ours.generator, SeededFeedback::Generator::ours);
    EXPECT_EQ(ours.seed, 42u);
    const auto torch = std::get<SeededFeedback>(set("feedback", "seed:torch:43").feedback);
    EXPECT_EQ(torch.generator, SeededFeedback::Generator::torch_cpu);
    EXPECT_EQ(torch.seed, 43u);
}

TEST(ManifestKeys, SetTheBaseline)
{
    EXPECT_TRUE(std::holds_alternative<std::monostate>(set("frozen", "none").frozen));
    EXPECT_EQ(std::get<std::string>(set("frozen", "frozen-s42").frozen), "frozen-s42");
    EXPECT_EQ(std::get<double>(set("frozen", "0.349").frozen), 0.349);
    EXPECT_EQ(std::get<double>(set("frozen", "1").frozen), 1.0);
    EXPECT_EQ(std::get<std::string>(set("frozen", "42").frozen), "42") << "no fraction, so a run's name";
}

TEST(ManifestKeys, ResolvePathsAgainstTheManifest)
{
    EXPECT_EQ(set("checkpoint", "zoo/./a.st").checkpoint, "/folder/zoo/a.st");
    EXPECT_EQ(set("data", "/elsewhere/d.h5").data, "/elsewhere/d.h5");
}

TEST(ManifestKeys, SplitAFileFromItsPartAtTheLastColon)
{
    const auto run = set("checkpoint", "zoo/a.pt:run.model");
    EXPECT_EQ(run.checkpoint, "/folder/zoo/a.pt");
    EXPECT_EQ(run.checkpoint_part, "run.model");
    EXPECT_EQ(set("checkpoint", "12:30/a.pt").checkpoint, "/folder/12:30/a.pt") << "a part has no '/'";
    EXPECT_EQ(set("checkpoint", "12:30/a.pt:model").checkpoint, "/folder/12:30/a.pt");
    EXPECT_THAT(error_of("checkpoint", "a.pt:"), HasSubstr("a part of the file is needed behind the ':'"));
    EXPECT_THAT(error_of("checkpoint", ":model"), HasSubstr("a file is needed"));
}

TEST(ManifestKeys, TakeAValueThatIsAFileForThatFile)
{
    const fa::testing::ScratchFolder folder;
    folder.write("a.pt", "x");
    folder.write("a.pt:model", "y");
    const Place place{folder.path(), Paths::must_exist};
    RunSpec run;
    apply(run, "checkpoint", "a.pt:model", place);
    EXPECT_EQ(run.checkpoint, folder / "a.pt:model");
    EXPECT_EQ(run.checkpoint_part, "");
    apply(run, "checkpoint", "a.pt:net", place);
    EXPECT_EQ(run.checkpoint, folder / "a.pt");
    EXPECT_EQ(run.checkpoint_part, "net");
    EXPECT_THROW(apply(run, "checkpoint", "b.pt:model", place), std::invalid_argument);
}

TEST(ManifestKeys, RefusePatternsWithoutAPlaceForTheLayer)
{
    for (const char* bad :
         {"stored:", "stored:blocks.B", "stored:{l}.{l}", "stored:{n}", "stored:{0l}", "stored:{l+}"}) {
        EXPECT_THAT(error_of("feedback", bad), HasSubstr("as in stored:blocks.{l}.B")) << bad;
    }
}

TEST(ManifestKeys, RefuseNumbersThatAreNone)
{
    for (const char* bad : {"", "x", "1x", "1.5", " 1", "0x10", "1e3", "99999999999999999999"}) {
        EXPECT_THAT(error_of("draws", bad), HasSubstr("a whole number from 0 to")) << bad;
        EXPECT_THAT(error_of("draw_seed", bad), HasSubstr("a seed is a whole number")) << bad;
    }
    EXPECT_THAT(error_of("draw_seed", "-1"), HasSubstr("from 0 to"));
}

TEST(ManifestKeys, RefuseSizesOutOfRange)
{
    EXPECT_THAT(error_of("draws", "-1"), HasSubstr("draws=-1: a whole number from 0 to"));
    EXPECT_THAT(error_of("batches", "0"), HasSubstr("from 1 to"));
    EXPECT_THAT(error_of("batch_size", "0"), HasSubstr("from 1 to"));
}

TEST(ManifestKeys, RefuseFractionsOutOfRange)
{
    for (const char* bad : {"30.8", "-0.1", "nan", "inf", "", "0.3%"}) {
        EXPECT_THAT(error_of("headline", bad), HasSubstr("a fraction between 0 and 1")) << bad;
    }
}

TEST(ManifestKeys, RefuseOtherSigns)
{
    for (const char* bad : {"0", "2", "-", "", "minus"}) {
        EXPECT_THAT(error_of("feedback_sign", bad), HasSubstr("1 or -1 is needed")) << bad;
    }
    EXPECT_THAT(error_of("feedback_shared", "maybe"), HasSubstr("true or false"));
}

TEST(ManifestKeys, KnowEveryCreditByItsName)
{
    for (const char* name :
         {"dfa", "sdfa", "drtp", "fa", "fa_noskip", "ep", "sb", "cb", "callback", "none"}) {
        EXPECT_EQ(to_string(set("credit", name).credit), name);
    }
    EXPECT_THAT(error_of("credit", "dfaa"), HasSubstr("did you mean 'dfa'?"));
    EXPECT_THAT(error_of("credit", "backprop"),
                HasSubstr("known are dfa, sdfa, drtp, fa, fa_noskip, ep, sb, cb, callback and none"));
}

TEST(ManifestKeys, KnowTheModels)
{
    EXPECT_EQ(set("model", "tensors").model, "tensors");
    EXPECT_THAT(error_of("model", "resnet"),
                HasSubstr("known are auto, resmlp, vit_mini, mlp, torchscript and tensors"));
}

TEST(ManifestKeys, SetWhatTheModelCantTell)
{
    const auto option = [](const std::string& key, const std::string& value) {
        return set(key, value).model_options.at(key);
    };
    EXPECT_EQ(option("activation", "gelu_tanh"), "gelu_tanh");
    EXPECT_EQ(option("hidden_states", "pre"), "pre");
    EXPECT_EQ(option("num_heads", "4"), "4");
    EXPECT_EQ(option("layer_norm_eps", "1e-6"), "1e-6");
    EXPECT_EQ(option("image_size", "3x32x48"), "3x32x48");
    EXPECT_EQ(option("patch_order", "channels_last"), "channels_last");
}

TEST(ManifestKeys, RefuseImpossibleModels)
{
    EXPECT_THAT(error_of("activation", "rleu"), HasSubstr("did you mean 'relu'?"));
    EXPECT_THAT(error_of("hidden_states", "both"), HasSubstr("pre and post"));
    EXPECT_THAT(error_of("num_heads", "0"), HasSubstr("from 1 to"));
    EXPECT_THAT(error_of("patch_order", "chw"), HasSubstr("channels_first and channels_last"));
    for (const char* bad : {"", "0", "-1e-5", "x", "nan"}) {
        EXPECT_THAT(error_of("layer_norm_eps", bad), HasSubstr("a number above 0 is needed")) << bad;
    }
    for (const char* bad : {"", "32", "32x", "0x32", "1x2x3x4", "32X32", "9999999x1", "3 2x3"}) {
        EXPECT_THAT(error_of("image_size", bad), HasSubstr("HEIGHTxWIDTH")) << bad;
    }
}

TEST(ManifestKeys, RefuseSeedsOfFeedbackThatAreNone)
{
    EXPECT_THAT(error_of("feedback", "seed:"), HasSubstr("feedback=seed:: a seed is a whole number"));
    EXPECT_THAT(error_of("feedback", "seed:torch:x"), HasSubstr("a seed is a whole number"));
    EXPECT_THAT(error_of("feedback", "seed:numpy:1"), HasSubstr("a seed is a whole number"));
}

TEST(ManifestKeys, NameTheNearestKnownKey)
{
    EXPECT_EQ(error_of("feedbak", "stored"), "unknown key 'feedbak' (did you mean 'feedback'?)");
    EXPECT_THAT(error_of("temperature", "1"), HasSubstr("known keys: name, checkpoint"));
}

TEST(ManifestKeys, RefuseNamesThatAreNoFileNames)
{
    EXPECT_THAT(error_of("name", ""), HasSubstr("needs a name"));
    EXPECT_THAT(error_of("name", "a/b"), HasSubstr("'/'"));
    EXPECT_THAT(error_of("name", ".."), HasSubstr("begin with '.'"));
    EXPECT_THAT(error_of("name", ".hidden"), HasSubstr("begin with '.'"));
    EXPECT_THAT(error_of("name", "a\tb"), HasSubstr("tabs"));
    EXPECT_THAT(error_of("name", std::string(201, 'n')), HasSubstr("at most 200"));
    EXPECT_EQ(set("name", std::string(200, 'n')).name.size(), 200u);
    EXPECT_THAT(error_of("name", "none"), HasSubstr("frozen=none"));
}

TEST(ManifestKeys, RefuseFilesThatAreNotThere)
{
    const fa::testing::ScratchFolder folder;
    folder.write("there.st", "x");
    const Place place{folder.path(), Paths::must_exist};
    RunSpec run;
    apply(run, "checkpoint", "there.st", place);
    EXPECT_EQ(run.checkpoint, folder / "there.st");
    const auto error = [&](const std::string& key, const std::string& value) -> std::string {
        try {
            apply(run, key, value, place);
        } catch (const std::invalid_argument& wrong) {
            return wrong.what();
        }
        return "no error";
    };
    EXPECT_THAT(error("checkpoint", "gone.st"), AllOf(HasSubstr("no such file"), HasSubstr("gone.st")));
    EXPECT_THAT(error("checkpoint", "."), HasSubstr("no regular file"));
    EXPECT_EQ(error("data", "."), "no error"); // the folder of MNIST's or CIFAR-10's files
    EXPECT_THAT(error("data", ""), HasSubstr("a file is needed"));
    EXPECT_THAT(error("data", "there.st/inside"), HasSubstr("no such file"));
    EXPECT_THAT(error("data", std::string(5000, 'x')), HasSubstr("too long"));
    EXPECT_THAT(error("feedback", "sored"),
                AllOf(HasSubstr("no such file"), HasSubstr("stored, stored:PATTERN, none, seed:N")));
}

} // namespace
} // namespace fa::jobs
