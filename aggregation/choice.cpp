#include "aggregation/choice.hpp"

#include "aggregation/join.hpp"
#include "aggregation/statistics.hpp"

#include <algorithm>
#include <optional>

namespace fa::aggregation {
namespace {

using Axis = Strategy::Axis;
using Form = Strategy::Form;
using Reducer = Strategy::Reducer;

const char* word_of(Reducer reducer)
{
    return reducer == Reducer::mean ? "mean" : reducer == Reducer::median ? "median" : "iqm";
}

const char* word_of(Form form)
{
    switch (form) {
    case Form::gamma:
        return "gamma";
    case Form::batchvec:
        return "batchvec";
    case Form::flat:
        return "flat";
    case Form::concat:
        return "concat";
    case Form::angle:
        break;
    }
    return "angle";
}

/// Collects the steps; what the form has done before them is what the levels start as.
class Reading {
  public:
    explicit Reading(const Strategy& strategy)
    {
        const auto form = strategy.form();
        if (form == Form::batchvec || form == Form::flat || form == Form::angle) {
            order_ = "samples";
        }
        if (form == Form::angle) {
            order_ += ", batches";
        }
        for (const auto& step : strategy.steps()) {
            take(step);
        }
        if (form == Form::concat) {
            add_word(order_, ", ", "layers"); // where the usual strategies have it
        }
    }

    Choices choices(Form form) const { return {word_of(form), samples_, batches_, layers_, depth_, order_}; }

  private:
    void take(Strategy::Step step)
    {
        const std::string word = word_of(step.reducer);
        switch (step.axis) {
        case Axis::samples:
            samples_ = word;
            break;
        case Axis::batches:
            batches_ = word;
            break;
        case Axis::pooled:
            samples_ = word;
            batches_ = step.reducer == Reducer::mean ? "mean" : "pooled";
            break;
        case Axis::blocks:
            depth_ = "blocks";
            layers_ = word;
            break;
        case Axis::layers:
            layers_ = word;
            break;
        }
        add_word(order_, ", ",
                 step.axis == Axis::samples   ? "samples"
                 : step.axis == Axis::batches ? "batches"
                 : step.axis == Axis::pooled  ? "samples, batches"
                                              : "layers");
    }

    std::string samples_ = "mean", batches_ = "mean", layers_ = "mean", depth_ = "all", order_;
};

bool is_mean_of_all(const Choices& choices)
{
    return choices[1] == "mean" && choices[2] == "mean";
}

/// Pooled or batch by batch, a mean of means is the same number.
bool are_equal(const Choices& a, const Choices& b, std::size_t dimension)
{
    return a[dimension] == b[dimension] ||
           (dimensions[dimension] == "batches" && ((a[dimension] == "pooled" && is_mean_of_all(b)) ||
                                                   (b[dimension] == "pooled" && is_mean_of_all(a))));
}

/// The dimension in which two strategies differ, if it is one alone.
std::optional<std::size_t> only_difference(const Choices& a, const Choices& b)
{
    std::optional<std::size_t> found;
    for (std::size_t dimension = 0; dimension < a.size(); ++dimension) {
        if (!are_equal(a, b, dimension)) {
            if (found) {
                return std::nullopt;
            }
            found = dimension;
        }
    }
    return found;
}

/// Does a strategy have level `a` of a dimension before any has level `b`?
bool comes_first(std::span<const Choices> choices, std::size_t dimension, const std::string& a,
                 const std::string& b)
{
    const auto found = std::find_if(choices.begin(), choices.end(), [&](const Choices& one) {
        return one[dimension] == a || one[dimension] == b;
    });
    return found != choices.end() && (*found)[dimension] == a;
}

Contrast& contrast_between(std::vector<Contrast>& contrasts, const Contrast& wanted)
{
    const auto found = std::find_if(contrasts.begin(), contrasts.end(), [&](const Contrast& one) {
        return one.dimension == wanted.dimension && one.from == wanted.from && one.to == wanted.to;
    });
    return found != contrasts.end() ? *found : contrasts.emplace_back(wanted);
}

/// Is there a contrast from the dimension's first level to this one?
bool is_reached(const std::vector<Contrast>& contrasts, const Contrast& of, const std::string& level,
                const std::string& first)
{
    return std::any_of(contrasts.begin(), contrasts.end(), [&](const Contrast& one) {
        return one.dimension == of.dimension && one.from == first && one.to == level;
    });
}

/// Those between two levels that each have a contrast with the first say nothing new.
void drop_redundant(std::vector<Contrast>& contrasts, const Choices& first)
{
    const auto all = contrasts;
    std::erase_if(contrasts, [&](const Contrast& one) {
        const auto place =
            std::find(dimensions.begin(), dimensions.end(), one.dimension) - dimensions.begin();
        const auto& level = first[static_cast<std::size_t>(place)];
        return one.from != level && is_reached(all, one, one.from, level) &&
               is_reached(all, one, one.to, level);
    });
}

} // namespace

Choices choices_of(const Strategy& strategy)
{
    return Reading(strategy).choices(strategy.form());
}

std::vector<Contrast> contrasts_of(std::span<const Strategy> strategies)
{
    std::vector<Choices> choices;
    std::transform(strategies.begin(), strategies.end(), std::back_inserter(choices), choices_of);
    std::vector<Contrast> contrasts;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        for (std::size_t j = i + 1; j < choices.size(); ++j) {
            const auto dimension = only_difference(choices[i], choices[j]);
            if (!dimension) {
                continue;
            }
            auto pair = std::pair{i, j};
            if (!comes_first(choices, *dimension, choices[i][*dimension], choices[j][*dimension])) {
                std::swap(pair.first, pair.second);
            }
            const Contrast wanted{std::string(dimensions[*dimension]),
                                  choices[pair.first][*dimension],
                                  choices[pair.second][*dimension],
                                  {}};
            contrast_between(contrasts, wanted).pairs.push_back(pair);
        }
    }
    const auto place = [](const Contrast& contrast) {
        return std::find(dimensions.begin(), dimensions.end(), contrast.dimension) - dimensions.begin();
    };
    std::stable_sort(contrasts.begin(), contrasts.end(),
                     [&](const Contrast& a, const Contrast& b) { return place(a) < place(b); });
    if (!choices.empty()) {
        drop_redundant(contrasts, choices.front());
    }
    return contrasts;
}

double effect_of(const Contrast& contrast, std::span<const double> values)
{
    std::vector<double> differences;
    for (const auto& [from, to] : contrast.pairs) {
        differences.push_back(values[to] - values[from]);
    }
    return mean(differences);
}

} // namespace fa::aggregation
