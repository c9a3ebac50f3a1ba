#include "aggregation/columns.hpp"
#include "aggregation/join.hpp"
#include "aggregation/statistics_tables.hpp"

#include <fmt/format.h>

#include <cmath>

namespace fa::aggregation {
namespace {

std::vector<Column> columns()
{
    return {words("group", "group", "runs that differ in their seed only"),
            words("gamma", "Γ", "train or fresh"),
            words("layer", "layer",
                  "a layer; all: variances averaged over the layers; layers=mean: of the mean over them"),
            words("source", "source", "what differs; a product: what only that combination has"),
            number("share", "share", Digits::percent, "fraction",
                   "estimate over the sum of all estimates, the variance of one sample's gamma; 0 for a "
                   "negative one"),
            number("share_low", "2.5 %", Digits::percent, "fraction",
                   "generalised confidence interval of the share"),
            number("share_high", "97.5 %", Digits::percent, "fraction",
                   "generalised confidence interval of the share"),
            cosine("std", "std", "square root of the variance"),
            number("variance", "variance", Digits::significant, "cosine^2",
                   "the estimate, 0 where that is negative"),
            number("estimate", "estimate", Digits::significant, "cosine^2", "of the variance, unbiased"),
            number("mean_share", "share of the mean's", Digits::percent, "fraction",
                   "of the variance of the mean over the whole design"),
            number("freedom", "degrees of freedom", Digits::significant, "1", "of the source's mean square"),
            cosine("min", "min", "over the strategies: of the group's mean Γ"),
            cosine("max", "max", "over the strategies: of the group's mean Γ"),
            words("note", "note", "what was taken as 0, left out or not estimable"),
            words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired in a run")};
}

/// The rows of one group's Γ_train or Γ_fresh.
class Rows {
  public:
    Rows(Table& table, const Group& group, std::string gamma)
        : table_(table), group_(group), gamma_(std::move(gamma))
    {
    }

    void add(const LayerVariance& layer)
    {
        std::string left_out;
        if (layer.samples_left_out > 0) {
            left_out = fmt::format("{} samples without a defined Γ are left out", layer.samples_left_out);
        }
        if (layer.runs_left_out > 0) {
            add_word(
                left_out, "; ",
                fmt::format("{} runs whose layer is wholly undefined are left out", layer.runs_left_out));
        }
        for (const auto& source : layer.decomposition.sources) {
            std::string note = source.estimate < 0 ? "negative estimate, taken as 0" : "";
            if (!left_out.empty()) {
                add_word(note, "; ", left_out);
            }
            row({layer.layer, source.name, source.share, source.interval.low, source.interval.high,
                 std::sqrt(source.variance()), source.variance(), source.estimate, source.mean_share,
                 source.freedom, Cell(), Cell(), note});
        }
        for (const auto& factor : layer.decomposition.not_estimable) {
            not_estimable(layer.layer, factor,
                          "not estimable: the store has one " + factor + " here" +
                              (left_out.empty() ? "" : "; " + left_out));
        }
        if (layer.decomposition.sources.empty() && layer.decomposition.not_estimable.empty()) {
            not_estimable(layer.layer, "",
                          "nothing is estimable: no value is defined in all runs" +
                              (left_out.empty() ? "" : "; " + left_out));
        }
    }

    void not_estimable(const std::string& layer, const std::string& source, const std::string& note)
    {
        row({layer, source, Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(),
             note});
    }

    void strategies(const Spread& spread)
    {
        row({std::string(), std::string("strategies"), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(), Cell(),
             Cell(), spread.min, spread.max,
             fmt::format("no random factor: the range over {} strategies", spread.defined)});
    }

  private:
    void row(std::vector<Cell> cells)
    {
        cells.insert(cells.begin(), {Cell(group_.name), Cell(gamma_)});
        cells.emplace_back(interpretable(group_));
        table_.add(std::move(cells), group_.not_interpretable == 0 ? Tone::plain : Tone::bad);
    }

    Table& table_;
    const Group& group_;
    std::string gamma_;
};

Spread spread_over(const Group& group, AcrossSeeds GroupStrategy::* gamma)
{
    std::vector<double> means;
    for (const auto& strategy : group.strategies) {
        means.push_back((strategy.*gamma).mean);
    }
    return spread_of(means);
}

} // namespace

Table variance_table(const Audit& audit)
{
    Table table{"variance", "Where the spread of Γ comes from", columns(), {}};
    for (std::size_t i = 0; i < audit.groups.size(); ++i) {
        const auto& group = audit.groups[i];
        const auto add = [&](const char* name, const GammaVariance& gamma, AcrossSeeds GroupStrategy::* of) {
            Rows rows(table, group, name);
            for (const auto& layer : gamma.layers) {
                rows.add(layer);
            }
            if (!gamma.reason.empty()) {
                rows.not_estimable("", "", "not estimable: " + gamma.reason);
            }
            if (const auto spread = spread_over(group, of); spread.defined > 0) {
                rows.strategies(spread);
            }
        };
        add("train", audit.variances[i].train, &GroupStrategy::train);
        add("fresh", audit.variances[i].fresh, &GroupStrategy::fresh);
    }
    return table;
}

} // namespace fa::aggregation
