#include "harness/digest.hpp"

#include <gmock/gmock.h>

#include <set>

namespace fa::harness {
namespace {

const InputHashes inputs{"c0", "d0", ""};

std::string digest(const jobs::RunSpec& spec, const AuditOptions& options = {})
{
    return run_digest(spec, options, inputs);
}

TEST(RunDigest, DoesNotDependOnLabels)
{
    jobs::RunSpec plain;
    auto labelled = plain;
    labelled.name = "other";
    labelled.method = "DFA";
    labelled.group = "g";
    labelled.seed = 42;
    labelled.frozen = std::string("control");
    labelled.headline = 0.5;
    labelled.note = "n";
    labelled.checkpoint = "elsewhere.safetensors";
    labelled.data = "elsewhere.h5";
    EXPECT_EQ(digest(plain), digest(labelled));
}

TEST(RunDigest, DoesNotDependOnThresholdsStrategiesOrRanks)
{
    AuditOptions other;
    other.report.thresholds.g_norm_floor = 1;
    other.report.strategies.clear();
    other.ranks_per_run = 3;
    EXPECT_EQ(digest({}), digest({}, other));
}

TEST(RunDigest, ChangesWithEveryOptionThatChangesANumber)
{
    std::set<std::string> digests{digest({})};
    const auto expect_new = [&](const std::string& text) { EXPECT_TRUE(digests.insert(text).second); };
    const auto with = [](auto change) {
        jobs::RunSpec spec;
        change(spec);
        return digest(spec);
    };
    expect_new(with([](auto& s) { s.credit = jobs::Credit::none; }));
    for (const auto credit : {jobs::Credit::ep, jobs::Credit::sb, jobs::Credit::cb, jobs::Credit::callback})
        expect_new(with([&](auto& s) { s.credit = credit; }));
    const auto with_ep = [&](auto change) {
        return with([&](auto& s) {
            s.credit = jobs::Credit::ep;
            change(s);
        });
    };
    expect_new(with_ep([](auto& s) { s.ep_beta = 0.3; })); // the checkpoint's record may say otherwise
    expect_new(with_ep([](auto& s) { s.ep_steps = 12; }));
    expect_new(with_ep([](auto& s) { s.ep_step = 0.1; }));
    expect_new(with([](auto& s) { s.loss = jobs::Loss::mse; }));
    expect_new(with([](auto& s) { s.model = "resmlp"; }));
    expect_new(with([](auto& s) { s.feedback = jobs::NoFeedback{}; }));
    expect_new(
        with([](auto& s) { s.feedback = jobs::SeededFeedback{jobs::SeededFeedback::Generator::ours, 1}; }));
    expect_new(with(
        [](auto& s) { s.feedback = jobs::SeededFeedback{jobs::SeededFeedback::Generator::torch_cpu, 1}; }));
    expect_new(with([](auto& s) { s.feedback = jobs::StoredFeedback{"b{l}"}; }));
    expect_new(with([](auto& s) { s.checkpoint_part = "model"; }));
    expect_new(with([](auto& s) { s.feedback_sign = -1; }));
    expect_new(with([](auto& s) { s.feedback_shared = true; }));
    expect_new(with([](auto& s) { s.feedback_distribution = jobs::Distribution::normal; }));
    expect_new(with([](auto& s) { s.data_options.scale = 1.0; }));
    expect_new(with([](auto& s) { s.data_options.mean = {1.0}; }));
    expect_new(with([](auto& s) { s.data_options.std = {1.0}; }));
    expect_new(with([](auto& s) { s.data_options.layout = jobs::ImageLayout::channels_last; }));
    expect_new(with([](auto& s) { s.draws = 7; }));
    expect_new(with([](auto& s) { s.draw_seed = 7; }));
    expect_new(with([](auto& s) { s.eval_seed = 7; }));
    expect_new(with([](auto& s) { s.batches = 7; }));
    expect_new(with([](auto& s) { s.batch_size = 7; }));
    AuditOptions float32, batches, threads;
    threads.threads = 2;
    expect_new(digest({}, threads));
    float32.precision = Precision::float32;
    batches.keep = Keep::batches;
    expect_new(digest({}, float32));
    expect_new(digest({}, batches));
    expect_new(run_digest({}, {}, {"c1", "d0", ""}));
    expect_new(run_digest({}, {}, {"c0", "d1", ""}));
}

TEST(RunDigest, TakesAFeedbackFileByItsContent)
{
    jobs::RunSpec a, b;
    a.feedback = jobs::FileFeedback{"a.safetensors"};
    b.feedback = jobs::FileFeedback{"b.safetensors"};
    EXPECT_EQ(run_digest(a, {}, {"c", "d", "f"}), run_digest(b, {}, {"c", "d", "f"}));
    EXPECT_NE(run_digest(a, {}, {"c", "d", "f"}), run_digest(a, {}, {"c", "d", "g"}));
    b.feedback = jobs::FileFeedback{"b.safetensors", "Bs"};
    EXPECT_NE(run_digest(a, {}, {"c", "d", "f"}), run_digest(b, {}, {"c", "d", "f"}));
}

} // namespace
} // namespace fa::harness
