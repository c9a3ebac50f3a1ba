#pragma once
#include "aggregation/table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fa::reporting {

enum class Notation { shortest, scientific };

/// A number as siunitx reads it, with the digits that readers get elsewhere: "-1.6e4"; nothing for N/A and
/// what is not finite. Scientific notation is for columns of three significant digits.
std::optional<std::string> siunitx_number(const aggregation::Cell& cell, const aggregation::Column& column,
                                          Notation notation);

/// What an S column must have room for: table-format.
class NumberFormat {
  public:
    void include(std::string_view number);
    /// "-1.4", "+2.1", "3.2e-1"
    std::string text() const;
    /// Small numbers with many decimals beside others with an exponent?
    bool is_mixed() const { return exponents_ > 0 && decimals_ > 3; }
    /// In digits' widths.
    double width() const;

  private:
    bool minus_ = false, plus_ = false, exponent_minus_ = false;
    std::size_t integers_ = 1, decimals_ = 0, exponents_ = 0;
};

} // namespace fa::reporting
