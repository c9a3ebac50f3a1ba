#include "reporting/latex_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::reporting {

std::optional<std::string> siunitx_number(const aggregation::Cell& cell, const aggregation::Column& column,
                                          Notation notation)
{
    const auto* const number = std::get_if<double>(&cell);
    if (aggregation::is_empty(cell) || std::holds_alternative<std::string>(cell) ||
        (number != nullptr && !std::isfinite(*number))) {
        return std::nullopt;
    }
    auto text = number != nullptr && notation == Notation::scientific ? fmt::format("{:.2e}", *number)
                                                                      : aggregation::readable(cell, column);
    text.erase(std::min(text.find(" %"), text.size()));
    const auto exponent = text.find('e');
    if (exponent != std::string::npos) { // 5.49e-09 → 5.49e-9, 1.6e+04 → 1.6e4
        const bool negative = text[exponent + 1] == '-';
        const auto digits = text.find_first_of("123456789", exponent);
        text = text.substr(0, exponent + 1) + (negative ? "-" : "") +
               (digits == std::string::npos ? "0" : text.substr(digits));
    }
    return text;
}

void NumberFormat::include(std::string_view number)
{
    minus_ = minus_ || number.starts_with('-');
    plus_ = plus_ || number.starts_with('+');
    const auto mantissa = number.substr(0, number.find('e'));
    const auto point = mantissa.find('.');
    const auto digits = mantissa.find_first_of("0123456789");
    integers_ = std::max(integers_, std::min(point, mantissa.size()) - digits);
    if (point != std::string_view::npos) {
        decimals_ = std::max(decimals_, mantissa.size() - point - 1);
    }
    if (mantissa.size() < number.size()) {
        const auto exponent = number.substr(mantissa.size() + 1);
        exponent_minus_ = exponent_minus_ || exponent.starts_with('-');
        exponents_ = std::max(exponents_, exponent.size() - (exponent.starts_with('-') ? 1 : 0));
    }
}

std::string NumberFormat::text() const
{
    return fmt::format("{}{}{}{}",
                       plus_    ? "+"
                       : minus_ ? "-"
                                : "",
                       integers_, decimals_ > 0 ? fmt::format(".{}", decimals_) : "",
                       exponents_ > 0 ? fmt::format("e{}{}", exponent_minus_ ? "-" : "", exponents_) : "");
}

double NumberFormat::width() const
{
    const double sign = plus_ || minus_ ? 1.6 : 0.0;
    const double decimals = decimals_ > 0 ? 0.6 + static_cast<double>(decimals_) : 0.0;
    const double exponent =
        exponents_ > 0 ? 4.6 + (exponent_minus_ ? 1.4 : 0.0) + 0.8 * static_cast<double>(exponents_) : 0.0;
    return sign + static_cast<double>(integers_) + decimals + exponent;
}

} // namespace fa::reporting
