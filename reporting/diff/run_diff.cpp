#include "reporting/diff/run_diff.hpp"

#include "aggregation/tables.hpp"
#include "reporting/diff/run_numbers.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>
#include <variant>

namespace fa::reporting {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string frozen_text(const jobs::FrozenBaseline& frozen)
{
    if (const auto* run = std::get_if<std::string>(&frozen)) {
        return *run;
    }
    const auto* accuracy = std::get_if<double>(&frozen);
    return accuracy == nullptr ? "none" : aggregation::exact(*accuracy);
}

Fields labels_of(const aggregation::AuditedRun& run)
{
    const auto& spec = run.spec;
    return {{"method", spec.method},
            {"group", run.group},
            {"seed", spec.seed ? std::to_string(*spec.seed) : ""},
            {"frozen", frozen_text(spec.frozen)},
            {"headline", spec.headline ? aggregation::exact(*spec.headline) : ""},
            {"note", spec.note}};
}

Fields options_of(const store::RunAttributes& run)
{
    return {{"model", run.model},
            {"architecture", run.architecture},
            {"credit", run.credit},
            {"loss", run.loss},
            {"precision", run.precision},
            {"keep", run.keep},
            {"threads", std::to_string(run.threads)},
            {"depth", std::to_string(run.depth)},
            {"width", fmt::format("{}", fmt::join(run.width, ","))},
            {"classes", std::to_string(run.classes)},
            {"batches", std::to_string(run.batches)},
            {"batch_size", std::to_string(run.batch_size)},
            {"draws", std::to_string(run.draws)},
            {"draw_seed", std::to_string(run.draw_seed)},
            {"eval_seed", std::to_string(run.eval_seed)},
            {"test_samples", std::to_string(run.test_samples)},
            {"feedback", run.feedback},
            {"feedback_distribution", run.feedback_distribution},
            {"feedback_sign", std::to_string(run.feedback_sign)},
            {"feedback_shared", run.feedback_shared ? "true" : "false"},
            {"feedback_verified", run.feedback_verified},
            {"no Γ_train because", run.train_reason},
            {"ep_beta", run.relaxation ? aggregation::exact(run.relaxation->beta) : ""},
            {"ep_steps", run.relaxation ? std::to_string(run.relaxation->steps) : ""},
            {"ep_step", run.relaxation ? aggregation::exact(run.relaxation->step) : ""}};
}

Fields inputs_of(const store::RunAttributes& run)
{
    const auto brief = [](const std::string& hash) {
        return hash.size() > 16 ? hash.substr(0, 16) + "…" : hash;
    };
    return {{"checkpoint sha256", brief(run.checkpoint_sha256)},
            {"data sha256", brief(run.data_sha256)},
            {"feedback sha256", brief(run.feedback_sha256)}};
}

void compare(const char* kind, const Fields& a, const Fields& b, std::vector<std::string>& changes)
{
    const auto shown = [](const std::string& value) {
        return value.empty() ? std::string("nothing") : value;
    };
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].second != b[i].second) {
            changes.push_back(
                fmt::format("{} {}: {} → {}", kind, a[i].first, shown(a[i].second), shown(b[i].second)));
        }
    }
}

/// Did a diagnostic change its mind, and not merely because its number is too near its threshold?
void compare_verdicts(const verdict::Verdict& a, const verdict::Verdict& b, RunDiff& diff)
{
    if (a.full_text() != b.full_text()) {
        diff.changes.push_back(fmt::format("verdict: {} → {}", a.full_text(), b.full_text()));
    }
    const auto before = verdict::diagnostics_of(a), after = verdict::diagnostics_of(b);
    for (std::size_t i = 0; i < before.size(); ++i) {
        const auto &one = *before[i].judgement, &other = *after[i].judgement;
        const bool ran = one.state != verdict::State::not_run && other.state != verdict::State::not_run;
        const bool turned = ran && one.fired() != other.fired() && !one.marginal && !other.marginal;
        diff.verdict_turned = diff.verdict_turned || turned;
    }
    const auto x = aggregation::interpretable(a), y = aggregation::interpretable(b);
    diff.interpretable = x == y ? x : x + " → " + y;
}

} // namespace

bool RunDiff::beyond_noise() const
{
    return verdict_turned ||
           std::ranges::any_of(numbers, [](const auto& number) { return number.beyond_noise(); });
}

bool is_bit_identical(const std::filesystem::path& a, const std::filesystem::path& b)
{
    std::ifstream first(a, std::ios::binary), second(b, std::ios::binary);
    if (!first || !second) {
        throw store::StoreError((first ? b : a).string() + ": the file can't be read");
    }
    std::vector<char> x(std::size_t{1} << 20U), y(x.size());
    while (first && second) {
        first.read(x.data(), static_cast<std::streamsize>(x.size()));
        second.read(y.data(), static_cast<std::streamsize>(y.size()));
        if (first.gcount() != second.gcount() ||
            !std::equal(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(first.gcount()), y.begin())) {
            return false;
        }
    }
    return first.eof() && second.eof();
}

std::vector<std::string> label_changes(const aggregation::AuditedRun& a, const aggregation::AuditedRun& b)
{
    std::vector<std::string> changes;
    compare("label", labels_of(a), labels_of(b), changes);
    return changes;
}

RunDiff diff_runs(const Side& a, const Side& b, const aggregation::Strategy& first)
{
    RunDiff diff;
    diff.name = a.run.spec.name;
    diff.changes = label_changes(a.run, b.run);
    const auto &before = *a.run.result, &after = *b.run.result;
    compare("input", inputs_of(before.attributes), inputs_of(after.attributes), diff.changes);
    compare("option", options_of(before.attributes), options_of(after.attributes), diff.changes);
    compare_verdicts(before.verdict, after.verdict, diff);
    diff.numbers = diff_numbers(a, b, first);
    return diff;
}

} // namespace fa::reporting
