#pragma once
/// "Did you mean …?"

#include <optional>
#include <span>
#include <string_view>

namespace fa::jobs {

/// The candidate that a slip of the keyboard turns into `word`: the smallest number of inserted, removed,
/// replaced or swapped characters (case aside), the first one on a tie.
/// @returns nothing if even the nearest shares too little with `word` to be meant (more than max(2, length/3)
/// slips)
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace fa::jobs
