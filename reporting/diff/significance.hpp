#pragma once
/// p-values for "is B's number another than A's": all two-sided, NaN where there is nothing to test.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::reporting {

/// Student's t of paired differences b_i − a_i against 0, over the pairs that are both defined. All equal to
/// one number: 1 if that is 0, else 0.
double paired_p(std::span<const double> a, std::span<const double> b);

/// Welch's t of two independent samples.
double welch_p(std::span<const double> a, std::span<const double> b);

/// Is `value` one more of these differences b_i − a_i? t = (value − mean)/(std·√(1 + 1/n)), n − 1 degrees of
/// freedom: what a prediction interval is made of.
double prediction_p(double value, std::span<const double> a, std::span<const double> b);

/// Of difference/√(a_error² + b_error²) by the normal distribution.
double normal_p(double difference, double a_error, double b_error);
/// The same by Student's t.
double student_p(double difference, double a_error, double b_error, double degrees_of_freedom);

/// McNemar's exact test of right answers on the same samples: of the discordant pairs half should favour b.
double mcnemar_p(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
/// Two shares of different samples, by the pooled normal approximation.
double shares_p(std::size_t a_right, std::size_t a_count, std::size_t b_right, std::size_t b_count);

/// Of bootstrap replicates of a difference: (1 + 2·#{on the rarer side of 0})/(1 + n), at most 1.
double bootstrap_p(std::span<const double> differences);

/// Holm (1979): p adjusted for all that are tested together, NaN left out; in the order given.
std::vector<double> holm(std::span<const double> p);

} // namespace fa::reporting
