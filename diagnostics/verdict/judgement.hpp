#pragma once
/// What every diagnostic answers, whatever it measures.

#include <limits>
#include <string>

namespace fa::verdict {

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

enum class State { passed, fired, not_run };

/// NaN never passes: a diagnostic whose number is undefined fires, with the cause "undefined" (design 2).
struct Judgement {
    State state = State::not_run;
    std::string cause;  ///< one or two words beside the letter in `fired`: "scale", "saturated loss",
                        ///< "non-finite", "undefined"; empty where the letter says it all or nothing fired
    std::string reason; ///< a sentence: why it fired or could not run; empty where it passed
    bool marginal =
        false; ///< the 95 % interval spans the threshold, so other samples could have turned the answer

    bool fired() const { return state == State::fired; }
};

/// 95 % interval; NaN ends where there is none.
struct Interval {
    double low = undefined;
    double high = undefined;

    bool spans(double threshold) const { return low <= threshold && threshold <= high; }
};

} // namespace fa::verdict
