#include "jobs/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

namespace fa::jobs {

namespace {

constexpr std::size_t longest_word = 64; ///< nobody mistypes more; keeps hostile input cheap

bool same(char a, char b)
{
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Optimal string alignment distance: Levenshtein's with swaps of neighbours.
std::size_t slips(std::string_view a, std::string_view b)
{
    const std::size_t columns = b.size() + 1;
    std::vector<std::size_t> distance((a.size() + 1) * columns);
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            std::size_t& cell = distance[i * columns + j];
            if (i == 0 || j == 0) {
                cell = i + j;
                continue;
            }
            const std::size_t replaced =
                distance[(i - 1) * columns + j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
            cell =
                std::min({replaced, distance[(i - 1) * columns + j] + 1, distance[i * columns + j - 1] + 1});
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
                cell = std::min(cell, distance[(i - 2) * columns + j - 2] + 1);
            }
        }
    }
    return distance.back();
}

} // namespace

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates)
{
    if (word.size() > longest_word) {
        return std::nullopt;
    }
    std::optional<std::string_view> best;
    std::size_t fewest = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t count = slips(word, candidate);
        if (count < fewest && count < std::max(word.size(), candidate.size())) {
            best = candidate;
            fewest = count;
        }
    }
    return best;
}

} // namespace fa::jobs
