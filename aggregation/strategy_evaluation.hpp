#pragma once
/// The values of several strategies on one Γ after another (a run's fresh draws), with shared work done once
/// and no memory asked for after the first.

#include "aggregation/gamma_view.hpp"
#include "aggregation/strategy.hpp"
#include "aggregation/strategy_tree.hpp"

#include <span>
#include <tuple>
#include <vector>

namespace fa::aggregation {

/// Valid until the next evaluation.
struct Evaluated {
    std::span<const double> strategies; ///< each one's value, in the order given
    /// Pooled mean of each layer, [L+1]: over the defined samples, or from the batches' means and counts
    /// where only those are kept; NaN where nothing is defined. What the cache keeps under layer_key().
    std::span<const double> layer_means;
};

/// One thread's.
class StrategyEvaluation {
  public:
    explicit StrategyEvaluation(std::span<const Strategy> strategies);

    /// The numbers that Strategy::operator() gives, bit for bit, for float the same as for the double of the
    /// same values.
    /// @throws std::invalid_argument if a span of the view has another size than its axes say
    template <typename Number>
    Evaluated operator()(const BasicGammaView<Number>& view) &; // what it returns would outlive a temporary

  private:
    template <typename Number>
    void evaluate_samples(const BasicGammaView<Number>& view);
    template <typename Number>
    void evaluate_batches(const BasicGammaView<Number>& view);
    template <typename Number>
    void evaluate_vector_forms(const BasicGammaView<Number>& view);

    StrategyTree tree_;
    StrategyNode* layer_means_; ///< after `pooled=mean`
    std::vector<double> values_, angles_;
    std::tuple<std::vector<float>, std::vector<double>> columns_;
};

/// The angle of a cosine in radians; NaN stays NaN, and what rounding brought beyond ±1 is taken for ±1.
double angle_of(double cosine);

} // namespace fa::aggregation
