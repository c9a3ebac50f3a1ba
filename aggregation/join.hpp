#pragma once
#include <string>
#include <string_view>

namespace fa::aggregation {

/// Appends a word to a list, with the separator before it unless it is the first.
inline void add_word(std::string& list, std::string_view separator, std::string_view word)
{
    if (!list.empty()) {
        list.append(separator);
    }
    list.append(word);
}

} // namespace fa::aggregation
