#pragma once
/// Columns of a table with their names, titles and definitions.

#include "aggregation/table.hpp"

#include <string>
#include <utility>

namespace fa::aggregation {

inline Column words(std::string name, std::string title, std::string definition)
{
    return {std::move(name), std::move(title), Kind::words, Digits::significant, "", std::move(definition)};
}

inline Column number(std::string name, std::string title, Digits digits, std::string unit,
                     std::string definition)
{
    return {std::move(name), std::move(title), Kind::number, digits, std::move(unit), std::move(definition)};
}

inline Column count(std::string name, std::string title, std::string definition)
{
    return {std::move(name),     std::move(title), Kind::count,
            Digits::significant, "count",          std::move(definition)};
}

/// A column of cosines.
inline Column cosine(std::string name, std::string title, std::string definition)
{
    return number(std::move(name), std::move(title), Digits::cosine, "cosine", std::move(definition));
}

} // namespace fa::aggregation
