/// Γ of every run in a row, with a picture drawn here: gnuplot has nothing to add to a line and a mark.
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::reporting {
namespace {

/// What a run's picture shows, by the first strategy where nothing else is said; NaN where undefined.
struct Strip {
    double train, fresh_low, fresh_high;
    double smallest, largest; ///< Γ_train over the strategies
    bool interpretable;
};

Strip strip_of(const aggregation::RunResult& run)
{
    const auto& gamma = run.strategies.front().gamma;
    return {gamma.train,          gamma.fresh_q025,     gamma.fresh_q975,
            run.train_spread.min, run.train_spread.max, run.verdict.gamma_is_interpretable()};
}

/// One scale for all rows, so that they can be compared.
class Scale {
  public:
    void cover(double value)
    {
        if (std::isfinite(value)) {
            low_ = std::min(low_, value);
            high_ = std::max(high_, value);
        }
    }
    double place(double value) const { return margin + (width - 2 * margin) * (value - low_) / span(); }
    double low() const { return low_; }
    double high() const { return high_; }

    static constexpr double width = 220, height = 18, margin = 7;

  private:
    double span() const { return high_ > low_ ? high_ - low_ : 1; }
    double low_ = 0, high_ = 0;
};

std::string line(const char* look, double x1, double x2, double y1, double y2)
{
    return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", look,
                       x1, x2, y1, y2);
}

std::string picture(const Strip& strip, const Scale& scale)
{
    constexpr double middle = Scale::height / 2;
    std::string text =
        fmt::format("<svg class=\"strip\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
                    "aria-hidden=\"true\">",
                    Scale::width, Scale::height);
    if (!std::isnan(strip.fresh_low)) {
        const double from = scale.place(strip.fresh_low), to = scale.place(strip.fresh_high);
        text += fmt::format("<rect class=\"fresh\" x=\"{:.1f}\" y=\"3\" width=\"{:.1f}\" height=\"12\"/>",
                            from, std::max(to - from, 1.5));
    }
    text += line("zero", scale.place(0), scale.place(0), 0, Scale::height);
    if (!std::isnan(strip.smallest)) {
        text += line("spread", scale.place(strip.smallest), scale.place(strip.largest), middle, middle);
        for (const double end : {strip.smallest, strip.largest}) {
            text += line("spread", scale.place(end), scale.place(end), middle - 3, middle + 3);
        }
    }
    if (!std::isnan(strip.train)) {
        const double x = scale.place(strip.train);
        text += fmt::format("<path class=\"train{}\" d=\"M{:.1f} {} l4.5 4.5 l-4.5 4.5 l-4.5 -4.5 z\"/>",
                            strip.interpretable ? "" : " hollow", x, middle - 4.5);
    }
    return text + "</svg>";
}

} // namespace

std::string overview_part(PageContext& page)
{
    const auto table = overview_table(page.audit());
    if (table.rows.empty()) {
        return {};
    }
    const auto name_of = [](const aggregation::Row& row) { return std::get<std::string>(row.cells.front()); };
    std::vector<Strip> strips;
    Scale scale;
    for (const auto& row : table.rows) {
        const auto strip = strip_of(*page.run(name_of(row)).result);
        for (const double value :
             {strip.train, strip.fresh_low, strip.fresh_high, strip.smallest, strip.largest}) {
            scale.cover(value);
        }
        strips.push_back(strip);
    }
    TableLook look{.label = "Γ at a glance"};
    look.row = [&](const aggregation::Row& row) { return page.found_by_run(name_of(row)); };
    look.link = [&](const std::string& name) { return page.anchor_of_run(name); };
    look.pictures = {
        {fmt::format("{} … {}", aggregation::readable(scale.low(), aggregation::Digits::fraction),
                     aggregation::readable(scale.high(), aggregation::Digits::fraction)),
         1, [&](std::size_t row) { return picture(strips[row], scale); }}};
    return fmt::format("<section id=\"overview\"><h2>Γ at a glance</h2>\n<p class=\"note\">By "
                       "<code>{}</code>; min to sign "
                       "flips over all {} strategies. The pictures have one scale: grey, the middle 95 % of "
                       "the fresh draws; "
                       "diamond, Γ_train, hollow where Γ is not interpretable; line, its range over the "
                       "strategies; dashed, "
                       "zero.</p>\n",
                       escaped(page.audit().question.strategies.front().text()),
                       page.audit().question.strategies.size()) +
           table_html(table, page.glossary(), look) + "</section>\n";
}

} // namespace fa::reporting
