#pragma once
/// Aggregation strategies (design 3): how Γ[batch, sample, layer] becomes one number.

#include "aggregation/gamma_view.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fa::aggregation {

/// A form (how vectors become cosines) and steps, applied in order, each an axis and a reducer. Immutable.
class Strategy {
  public:
    /// What is reduced: Γ per sample, or one of the vector forms of published code.
    enum class Form { gamma, batchvec, flat, concat, angle };
    /// `pooled`: the samples of all batches as one set; `blocks`: layers 1 … L.
    enum class Axis { samples, batches, pooled, layers, blocks };
    enum class Reducer { mean, median, iqm };
    struct Step {
        Axis axis;
        Reducer reducer;
    };

    /// Reads a strategy's text, e.g. "pooled=median,layers=mean" or "batchvec,batches=mean,layers=mean".
    /// @throws std::invalid_argument saying which word is wrong, and for an axis left unreduced or reduced
    /// twice
    explicit Strategy(std::string_view text);

    /// The text in its one spelling (no blanks): what tables and the cache call it.
    const std::string& text() const { return text_; }
    Form form() const { return form_; }
    const std::vector<Step>& steps() const { return steps_; }

    /// The number. Reducers skip NaN; NaN where nothing is left, where a layer that is reduced over is wholly
    /// undefined, and where the view lacks what the steps need.
    /// @throws std::invalid_argument if a span of the view has another size than its axes say
    double operator()(const GammaView& view) const;
    /// Can it be evaluated on this view? (With `--keep batches` the samples are gone: what follows from each
    /// batch's mean, median, iqm, angle and count can be, the rest not.)
    template <typename Number>
    bool computable(const BasicGammaView<Number>& view) const;
    /// How many of the values it starts from are undefined: Γ of the layers it uses, or the vector form's
    /// values. 0 where they aren't in the view.
    std::int64_t undefined_values(const GammaView& view) const;

  private:
    std::string text_;
    Form form_ = Form::gamma;
    std::vector<Step> steps_;
};

/// The default set of 14, in design 3's order.
std::vector<Strategy> default_strategies();

} // namespace fa::aggregation
