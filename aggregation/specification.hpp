#pragma once
/// The strategies of a run taken together: a specification curve with a joint test (Simonsohn, Simmons &
/// Nelson, Specification curve analysis, Nature Human Behaviour 4, 2020), whose null is made of the fresh
/// draws: each of them passes through every strategy.

#include "aggregation/statistics.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

struct CurvePoint {
    std::size_t strategy = 0; ///< its place
    double train = undefined;
    /// The strategy's own 95 % range: 2.5 % and 97.5 % quantiles (type 7) of the draws and the trained value
    /// together, of the draws alone without a trained one.
    double low = undefined, middle = undefined, high = undefined;
    bool beyond = false; ///< the trained value lies outside that range
};

/// A statistic of the whole curve with p = (1 + #{draws whose own is as large})/(1 + R).
struct JointStatistic {
    double value = undefined;
    double p = undefined;
};

struct Specification {
    std::vector<CurvePoint> curve; ///< ascending in Γ_train, in the fresh middle where there is none
    std::size_t strategies = 0;    ///< those in the joint test
    std::size_t draws = 0;         ///< in which each of them is defined
    JointStatistic median;         ///< over the strategies; as large: in absolute value
    JointStatistic one_sign;       ///< share of the strategies that have the commoner sign
    JointStatistic beyond;         ///< share of the strategies beyond their own 95 % range
    std::string reason;            ///< why there is no joint test; empty where there is
};

/// The ranges are those of the trained value and the draws together, so that all of them are treated alike
/// and the test is exact for exchangeable draws. Strategies without a trained value or without a draw are
/// left out of the test, draws in which one of the others is undefined leave R.
/// @param train  [strategies], NaN where undefined (all, for a run without training feedback)
/// @param fresh  [strategies][R]
Specification specification_of(std::span<const double> train, std::span<const std::vector<double>> fresh);

} // namespace fa::aggregation
