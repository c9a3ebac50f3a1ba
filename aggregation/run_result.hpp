#pragma once
/// Everything the tables say of one run, from its file alone (and the frozen control's right answers).

#include "aggregation/bootstrap.hpp"
#include "aggregation/cache_use.hpp"
#include "aggregation/pitfalls.hpp"
#include "aggregation/specification.hpp"
#include "aggregation/statistics.hpp"
#include "aggregation/strategy.hpp"
#include "diagnostics/verdict/verdict.hpp"
#include "store/reader.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fa::aggregation {

struct LayerResult {
    Compared gamma;                   ///< pooled means
    std::int64_t undefined_train = 0; ///< samples whose Γ_train is undefined
    std::int64_t undefined_fresh = 0; ///< values of all draws and samples that are
};

struct StrategyResult {
    std::string strategy; ///< its text
    Compared gamma;
    std::int64_t undefined_train = 0; ///< undefined Γ_train among those it starts from
    std::string reason;               ///< why Γ_train or Γ_fresh is N/A; empty where both are there
};

/// What a group needs of its runs beside their results; too large to keep for all runs at once.
struct RunValues {
    std::vector<Replicates> train; ///< in each bootstrap replicate, [strategies]; empty for 0 replicates
    std::vector<Replicates> fresh; ///< [strategies]; measure_run leaves it to who has all runs of a group
    DrawValues strategy_draws;     ///< at each fresh draw
    DrawValues layer_draws;        ///< pooled means, [L+1][R]
};

struct RunResult {
    store::RunAttributes attributes;
    verdict::Verdict verdict;
    bool has_train = false;
    std::vector<LayerResult> layers;        ///< [L+1]
    std::vector<StrategyResult> strategies; ///< in the order asked for
    Spread train_spread;                    ///< of Γ_train over the strategies
    Spread fresh_spread;                    ///< of the fresh means
    double layer_0_share = undefined;       ///< |Γ_0|/Σ|Γ_l| of Γ_train's pooled means
    double blocks_only = undefined;         ///< Γ_train by `pooled=mean,blocks=mean`
    double p_max_layer = undefined;         ///< p over layers by the largest |z|
    Specification specification;            ///< the strategies taken together
    Pitfalls pitfalls;
};

struct RunQuestion {
    std::span<const Strategy> strategies;
    verdict::Thresholds thresholds;
    verdict::Control control;
    std::optional<double> headline; ///< claimed accuracy, a fraction
    std::size_t replicates = 0;     ///< of the bootstrap; 0: none
    CacheUse cache = CacheUse::update;
};

struct RunAnswer {
    RunResult result;
    RunValues values;
};

/// Is the run's credit a rule with feedback matrices?
/// @throws store::StoreError for a credit that this version doesn't know
bool has_feedback(const store::RunAttributes& run);

/// Reads one run, a block of draws at a time; looks into and adds to the cache of `store`.
/// @throws store::StoreError
RunAnswer measure_run(const std::filesystem::path& store, const store::RunReader& run,
                      const RunQuestion& question);

} // namespace fa::aggregation
