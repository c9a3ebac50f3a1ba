#include "aggregation/permutation.hpp"

#include "aggregation/bootstrap.hpp"
#include "diagnostics/philox.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace fa::aggregation {
namespace {

/// What rounding may make of two equal sums added up in another order.
constexpr double tie = 1e-12;

/// Counts rearrangements that are as extreme as the identity, which is given first.
class Counting {
  public:
    /// @param scales  per column; 0 or NaN: not part of the largest z
    explicit Counting(std::vector<double> scales) : scales_(std::move(scales)) {}

    /// @param statistics  per column, of one rearrangement
    void add(std::span<const double> statistics)
    {
        double largest = 0;
        for (std::size_t i = 0; i < statistics.size(); ++i) {
            if (scales_[i] > 0) {
                largest = std::max(largest, std::abs(statistics[i]) / scales_[i]);
            }
        }
        if (own_.empty()) {
            own_.assign(statistics.begin(), statistics.end());
            own_largest_ = largest;
            as_extreme_.assign(statistics.size(), 0);
        }
        for (std::size_t i = 0; i < statistics.size(); ++i) {
            as_extreme_[i] += std::abs(statistics[i]) >= std::abs(own_[i]) * (1 - tie) ? 1 : 0;
        }
        as_large_ += largest >= own_largest_ * (1 - tie) ? 1 : 0;
        ++looked_at_;
    }

    PermutationTest result(bool exact) const
    {
        PermutationTest test;
        const auto all = static_cast<double>(looked_at_);
        for (std::size_t i = 0; i < own_.size(); ++i) {
            test.p.push_back(std::isnan(own_[i]) ? undefined : static_cast<double>(as_extreme_[i]) / all);
        }
        const bool any = std::any_of(scales_.begin(), scales_.end(), [](double scale) { return scale > 0; });
        test.p_largest = any ? static_cast<double>(as_large_) / all : undefined;
        test.looked_at = looked_at_;
        test.exact = exact;
        return test;
    }

  private:
    std::vector<double> scales_, own_;
    std::vector<std::uint64_t> as_extreme_;
    double own_largest_ = 0;
    std::uint64_t as_large_ = 0, looked_at_ = 0;
};

/// 32 random bits of one rearrangement that is drawn, and of a place in it.
std::uint32_t word_of(std::uint64_t rearrangement, std::size_t place)
{
    const auto words = random::philox(0, random::bootstrap, static_cast<std::uint32_t>(rearrangement),
                                      static_cast<std::uint32_t>(Factor::rearrangements),
                                      static_cast<std::uint32_t>(place / 4));
    return words[place % 4];
}

/// Sums over the pairs, each with its sign.
template <typename IsTurned>
void add_signed(Counting& counting, std::span<const std::vector<double>> differences, IsTurned is_turned)
{
    std::vector<double> sums;
    for (const auto& column : differences) {
        double sum = 0;
        for (std::size_t pair = 0; pair < column.size(); ++pair) {
            sum += is_turned(pair) ? -column[pair] : column[pair];
        }
        sums.push_back(sum);
    }
    counting.add(sums);
}

/// Both groups' values in one row per column, of which `labels` says who belongs to the first.
struct Labelled {
    std::vector<std::vector<double>> columns;
    std::size_t first = 0, second = 0;

    void add_to(Counting& counting, const std::vector<char>& labels) const
    {
        std::vector<double> differences;
        for (const auto& column : columns) {
            double in_first = 0, in_second = 0;
            for (std::size_t i = 0; i < column.size(); ++i) {
                (labels[i] != 0 ? in_first : in_second) += column[i];
            }
            differences.push_back(in_first / static_cast<double>(first) -
                                  in_second / static_cast<double>(second));
        }
        counting.add(differences);
    }
};

Labelled together(std::span<const std::vector<double>> first, std::span<const std::vector<double>> second)
{
    Labelled both;
    for (std::size_t i = 0; i < first.size(); ++i) {
        both.columns.push_back(first[i]);
        both.columns.back().insert(both.columns.back().end(), second[i].begin(), second[i].end());
    }
    both.first = first.front().size();
    both.second = second.front().size();
    return both;
}

/// n over k, or `most_rearrangements` + 1 where it is more than that.
std::uint64_t combinations(std::size_t n, std::size_t k)
{
    std::uint64_t count = 1;
    k = std::min(k, n - k);
    for (std::size_t i = 1; i <= k; ++i) {
        count = count * (n - k + i) / i;
        if (count > most_rearrangements) {
            return most_rearrangements + 1;
        }
    }
    return count;
}

/// Labels in a random order (Fisher and Yates).
void shuffle(std::vector<char>& labels, std::uint64_t rearrangement)
{
    for (std::size_t i = labels.size(); i-- > 1;) {
        const auto other =
            static_cast<std::size_t>((std::uint64_t{word_of(rearrangement, i)} * (i + 1)) >> 32);
        std::swap(labels[i], labels[other]);
    }
}

} // namespace

PermutationTest turn_signs(std::span<const std::vector<double>> differences)
{
    const auto pairs = differences.empty() ? 0 : differences.front().size();
    if (pairs == 0) {
        return {std::vector<double>(differences.size(), undefined), undefined, undefined, 0, false};
    }
    std::vector<double> scales;
    for (const auto& column : differences) {
        scales.push_back(std::sqrt(std::accumulate(column.begin(), column.end(), 0.0,
                                                   [](double sum, double d) { return sum + d * d; })));
    }
    Counting counting(std::move(scales));
    const bool exact = pairs < 64 && (std::uint64_t{1} << pairs) <= most_rearrangements;
    const auto patterns = exact ? std::uint64_t{1} << pairs : most_rearrangements + 1;
    for (std::uint64_t pattern = 0; pattern < patterns; ++pattern) {
        add_signed(counting, differences, [&](std::size_t pair) {
            return exact ? ((pattern >> pair) & 1U) != 0 : pattern > 0 && (word_of(pattern, pair) & 1U) != 0;
        });
    }
    auto test = counting.result(exact);
    test.smallest = exact ? 2.0 / static_cast<double>(patterns) : 1.0 / static_cast<double>(patterns);
    return test;
}

PermutationTest exchange_labels(std::span<const std::vector<double>> first,
                                std::span<const std::vector<double>> second)
{
    if (first.empty() || first.front().empty() || second.front().empty()) {
        return {std::vector<double>(first.size(), undefined), undefined, undefined, 0, false};
    }
    const auto both = together(first, second);
    std::vector<double> scales;
    for (const auto& column : both.columns) {
        const bool all = count_defined(column) == static_cast<std::int64_t>(column.size());
        scales.push_back(all ? standard_deviation(column) : undefined);
    }
    Counting counting(std::move(scales));
    std::vector<char> labels(both.first, 1);
    labels.resize(both.first + both.second, 0);
    const auto all = combinations(labels.size(), both.first);
    const bool exact = all <= most_rearrangements;
    if (exact) {
        do { // from the identity, which is the last in order, through all
            both.add_to(counting, labels);
        } while (std::prev_permutation(labels.begin(), labels.end()));
    } else {
        both.add_to(counting, labels);
        for (std::uint64_t i = 1; i <= most_rearrangements; ++i) {
            shuffle(labels, i);
            both.add_to(counting, labels);
        }
    }
    auto test = counting.result(exact);
    // The mirrored labels are as extreme, and among the rearrangements where the groups are equally large.
    const double mirrored = exact && both.first == both.second ? 2.0 : 1.0;
    test.smallest = mirrored / static_cast<double>(test.looked_at);
    return test;
}

} // namespace fa::aggregation
