#pragma once
/// The place that a pattern of names leaves open for the layer's number: "{l}", "{l-1}", "{2l}", "{3l+1}".

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fa::jobs {

/// text[begin, end) is the place; a name's number is step · layer + shift.
struct LayerPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int64_t step = 1;  ///< 1 … 99
    std::int64_t shift = 0; ///< −99 … 99
};

/// Nothing where the text has no such place or more than one. A brace that opens anything else is part of a
/// name.
std::optional<LayerPlace> layer_place(std::string_view text);

} // namespace fa::jobs
