#include "diagnostics/verdict/useful_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::verdict {
namespace {

/// Fills in the control's side of `result`; false, with the reason, where it cannot be compared.
bool compare(UsefulBlocks& result, std::span<const std::uint8_t> correct, const Control& control)
{
    if (const auto* none = std::get_if<NoControl>(&control)) {
        result.reason = none->reason;
        return false;
    }
    if (const auto* number = std::get_if<ControlAccuracy>(&control)) {
        result.frozen_accuracy = number->fraction;
    } else {
        const auto baseline = std::get<ControlRun>(control).correct;
        result.frozen_accuracy = accuracy(baseline);
        if (baseline.size() != correct.size()) {
            result.reason = fmt::format("the frozen baseline was measured on {} test samples, this run on {}",
                                        baseline.size(), correct.size());
            return false;
        }
        result.interval_pp = mcnemar_interval_pp(correct, baseline);
    }
    result.margin_pp = points_between(result.accuracy, result.frozen_accuracy);
    return true;
}

} // namespace

double accuracy(std::span<const std::uint8_t> correct)
{
    const auto right =
        std::count_if(correct.begin(), correct.end(), [](std::uint8_t each) { return each != 0; });
    return correct.empty() ? undefined : static_cast<double>(right) / static_cast<double>(correct.size());
}

double points_between(double accuracy, double baseline)
{
    return std::round(100.0 * (accuracy - baseline) * 1e9) / 1e9;
}

Interval mcnemar_interval_pp(std::span<const std::uint8_t> correct, std::span<const std::uint8_t> baseline)
{
    double only_run = 0;
    double only_baseline = 0;
    for (std::size_t sample = 0; sample < correct.size(); ++sample) {
        only_run += correct[sample] != 0 && baseline[sample] == 0;
        only_baseline += correct[sample] == 0 && baseline[sample] != 0;
    }
    const auto n = static_cast<double>(correct.size());
    const double difference = only_run - only_baseline;
    const double half = 1.96 * std::sqrt(only_run + only_baseline - difference * difference / n);
    return {.low = 100.0 * (difference - half) / n, .high = 100.0 * (difference + half) / n};
}

UsefulBlocks judge_useful_blocks(std::span<const std::uint8_t> correct, const Control& control,
                                 const Thresholds& thresholds)
{
    UsefulBlocks result;
    if (correct.empty()) {
        result.reason = "the accuracy is not known";
        return result;
    }
    result.accuracy = accuracy(correct);
    if (!compare(result, correct, control))
        return result;
    const double limit = thresholds.frozen_acc_margin_pp;
    if (result.margin_pp >= limit) {
        result.state = State::passed;
    } else {
        result.state = State::fired;
        result.cause = std::isnan(result.margin_pp) ? "undefined" : "";
        result.reason =
            fmt::format("{:.2f} points above frozen random blocks (at least {:g})", result.margin_pp, limit);
    }
    result.marginal = result.interval_pp.spans(limit);
    return result;
}

Headline check_headline(double claimed, double measured)
{
    const double difference = points_between(claimed, measured);
    return {.claimed = claimed,
            .measured = measured,
            .difference_pp = difference,
            .agrees = std::abs(difference) <= headline_tolerance_pp};
}

} // namespace fa::verdict
