#include "diagnostics/verdict/verdict.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace fa::verdict {
namespace {

/// The drift ceiling is calibrated for batches of about this many samples; (c) of others is warned of.
constexpr std::size_t calibrated_batch_size = 128;

void require_size(std::string_view dataset, std::size_t size, std::size_t expected)
{
    if (size != expected)
        throw std::invalid_argument(
            fmt::format("{} has {} entries, {} are expected", dataset, size, expected));
}

void check(const RunMeasurements& run)
{
    if (run.layers == 0)
        throw std::invalid_argument("a run has at least one layer (the embedding)");
    const std::size_t samples = run.batches * run.batch_size;
    require_size("norms/hidden", run.hidden_norm.size(), samples * run.layers);
    require_size("norms/gradient", run.gradient_norm.size(), samples * run.layers);
    require_size("norms/error", run.error_norm.size(), samples);
    require_size("direction/cosine", run.direction_cosine.size(), run.layers * run.batches * run.batches);
}

std::vector<std::string> warnings_of(const Verdict& verdict, const RunMeasurements& run,
                                     std::optional<double> headline)
{
    std::vector<std::string> warnings;
    if (verdict.scale.warns_of_end_to_end_growth)
        warnings.push_back(fmt::format("the median ‖h‖ grows {:.3g}-fold from h_0 to h_L (above {:g})",
                                       verdict.scale.end_to_end_growth, end_to_end_growth_warning));
    if (verdict.headline && !verdict.headline->agrees)
        warnings.push_back(
            fmt::format("the claimed accuracy {:g} differs from the measured {:.4f} by {:.2f} points "
                        "(more than {:g})",
                        verdict.headline->claimed, verdict.headline->measured,
                        verdict.headline->difference_pp, headline_tolerance_pp));
    if (headline && !verdict.headline)
        warnings.push_back(fmt::format(
            "the claimed accuracy {:g} can't be compared: the measured one is not known", *headline));
    const bool usual =
        run.batch_size * 2 >= calibrated_batch_size && run.batch_size <= calibrated_batch_size * 2;
    if (verdict.drift.state != State::not_run && !usual)
        warnings.push_back(
            fmt::format("drift was measured on batches of {} samples; its ceiling is calibrated for "
                        "about {}",
                        run.batch_size, calibrated_batch_size));
    return warnings;
}

/// Words of the diagnostics that `chosen` picks, with `separator` between them.
template <class Chosen, class Word>
std::string join(const Verdict& verdict, std::string_view separator, Chosen chosen, Word word)
{
    std::string text;
    bool first = true;
    for (const Named& each : diagnostics_of(verdict))
        if (chosen(*each.judgement)) {
            text += fmt::format("{}{}", first ? "" : separator, word(each));
            first = false;
        }
    return text;
}

bool has_fired(const Judgement& each)
{
    return each.fired();
}
bool has_not_run(const Judgement& each)
{
    return each.state == State::not_run;
}
std::string letter_of(const Named& each)
{
    return std::string(1, each.letter);
}

} // namespace

std::array<Named, 4> diagnostics_of(const Verdict& verdict)
{
    return {Named{'a', "scale", &verdict.scale}, Named{'b', "floor", &verdict.floor},
            Named{'c', "drift", &verdict.drift}, Named{'d', "useful blocks", &verdict.useful_blocks}};
}

std::string Verdict::text() const
{
    if (trustworthy())
        return "trustworthy";
    return "needs walk-back: " + join(*this, ", ", has_fired, [](const Named& each) { return each.name; });
}

std::string Verdict::full_text() const
{
    const std::string beside = join(*this, "; ", has_not_run, [](const Named& each) {
        return fmt::format("{} not run: {}", each.letter, each.judgement->reason);
    });
    return beside.empty() ? text() : fmt::format("{} ({})", text(), beside);
}

std::string Verdict::letters() const
{
    return join(*this, "", has_fired, letter_of);
}

std::string Verdict::fired() const
{
    return join(*this, ";", has_fired, [](const Named& each) {
        const std::string& cause = each.judgement->cause;
        return cause.empty() ? letter_of(each) : fmt::format("{}:{}", each.letter, cause);
    });
}

std::string Verdict::marginal() const
{
    return join(*this, ";", [](const Judgement& each) { return each.marginal; }, letter_of);
}

std::string Verdict::not_run() const
{
    return join(*this, ";", has_not_run,
                [](const Named& each) { return fmt::format("{}: {}", each.letter, each.judgement->reason); });
}

Verdict judge(const RunMeasurements& run, const Control& control, std::optional<double> headline,
              const Thresholds& thresholds)
{
    check(run);
    Verdict verdict;
    verdict.scale = judge_scale(run.hidden_norm, run.layers, thresholds);
    verdict.floor = judge_floor(run.gradient_norm, run.error_norm, run.layers, thresholds);
    verdict.drift = judge_drift(run.direction_cosine, run.layers, run.batches, thresholds);
    verdict.useful_blocks = judge_useful_blocks(run.correct, control, thresholds);
    if (headline && !run.correct.empty())
        verdict.headline = check_headline(*headline, verdict.useful_blocks.accuracy);
    verdict.warnings = warnings_of(verdict, run, headline);
    return verdict;
}

} // namespace fa::verdict
