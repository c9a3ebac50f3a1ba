#pragma once
/// Diagnostic (d): do the trained blocks beat frozen random ones?

#include "diagnostics/verdict/judgement.hpp"
#include "diagnostics/verdict/measurements.hpp"
#include "diagnostics/verdict/thresholds.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace fa::verdict {

/// Points of accuracy by which a claimed accuracy may differ from the measured one (design 2).
inline constexpr double headline_tolerance_pp = 0.5;

/// Share of right answers, a fraction; NaN of none.
double accuracy(std::span<const std::uint8_t> correct);

/// Difference of two accuracies in points, rounded to 1e-9 of a point: 0.12 − 0.10 is 2 points,
/// not 1.9999999999999991.
double points_between(double accuracy, double baseline);

/// McNemar's paired interval for the difference of two accuracies on the same n samples, in points: with b, c
/// the discordant counts, (b − c)/n ± 1.96·√(b + c − (b − c)²/n)/n (design 6, "Fine print").
Interval mcnemar_interval_pp(std::span<const std::uint8_t> correct, std::span<const std::uint8_t> baseline);

struct UsefulBlocks : Judgement {
    double accuracy = undefined;        ///< on the whole test split, a fraction
    double frozen_accuracy = undefined; ///< the control's; NaN where there is none
    double margin_pp = undefined;       ///< points above the control
    Interval interval_pp;               ///< NaN where the control is only a number
};

UsefulBlocks judge_useful_blocks(std::span<const std::uint8_t> correct, const Control& control,
                                 const Thresholds& thresholds);

/// A claimed accuracy (`headline=`) beside the measured one.
struct Headline {
    double claimed;
    double measured;
    double difference_pp; ///< claimed − measured
    bool agrees;          ///< within 0.5 points
};
Headline check_headline(double claimed, double measured);

} // namespace fa::verdict
