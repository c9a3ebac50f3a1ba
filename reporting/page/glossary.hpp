#pragma once
#include "aggregation/table.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace fa::reporting {

/// The definitions of the columns that a page shows, each once, in the order in which it is first asked for.
class Glossary {
  public:
    /// The name of a column's entry in the page; empty where it has no definition.
    /// @param table  the name of its table, for readers who look for it in the CSV files
    std::string id_of(const aggregation::Column& column, const std::string& table);
    std::string html() const;

  private:
    struct Entry {
        aggregation::Column column;
        std::vector<std::string> tables;
    };
    std::map<std::string, std::size_t> places_;
    std::vector<Entry> entries_;
};

} // namespace fa::reporting
