#include "aggregation/choice.hpp"
#include "aggregation/columns.hpp"
#include "aggregation/statistics_tables.hpp"
#include "aggregation/tables.hpp"

namespace fa::aggregation {
namespace {

Tone tone_of(const RunResult& run)
{
    return run.verdict.gamma_is_interpretable() ? Tone::plain : Tone::bad;
}

bool has_curve(const AuditedRun& run)
{
    return run.result && (run.result->has_train || run.result->attributes.draws > 0);
}

} // namespace

Table specification_table(const Audit& audit)
{
    Table table{"specification", "Specification curves", {}, {}};
    table.columns = {words("run", "run", "its name"),
                     count("rank", "rank", "by gamma_train, ascending; by fresh_middle where there is none"),
                     words("strategy", "strategy", "how gamma becomes one number"),
                     cosine("gamma_train", "Γ_train",
                            "cosine between credit signal and reference gradient, training feedback"),
                     cosine("low", "2.5 %", "quantile of the fresh draws and gamma_train together, type 7"),
                     cosine("middle", "50 %", "their median"),
                     cosine("high", "97.5 %", "quantile of the fresh draws and gamma_train together, type 7"),
                     words("beyond", "beyond", "yes where gamma_train is below low or above high")};
    for (const auto dimension : dimensions) {
        const std::string name(dimension);
        table.columns.push_back(words(name, name, "level of this choice"));
    }
    table.columns.push_back(
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired"));
    for (const auto& run : audit.runs) {
        if (!has_curve(run)) {
            continue;
        }
        const auto& curve = run.result->specification.curve;
        for (std::size_t rank = 0; rank < curve.size(); ++rank) {
            const auto& point = curve[rank];
            const auto& strategy = audit.question.strategies[point.strategy];
            const bool judged = run.result->has_train && run.result->attributes.draws > 0;
            std::vector<Cell> cells{run.spec.name,   static_cast<std::int64_t>(rank + 1),
                                    strategy.text(), point.train,
                                    point.low,       point.middle,
                                    point.high,      std::string(!judged ? "" : point.beyond ? "yes" : "no")};
            for (const auto& level : choices_of(strategy)) {
                cells.emplace_back(level);
            }
            cells.emplace_back(interpretable(run.result->verdict));
            table.add(std::move(cells), tone_of(*run.result));
        }
    }
    return table;
}

Table specification_test_table(const Audit& audit)
{
    Table table{"specification_test", "Joint tests of the specification curves", {}, {}};
    const auto p = [](const char* name, const char* of) {
        return number(name, "p", Digits::significant, "1",
                      std::string("(1 + #{draws whose own is as large})/(1 + draws), of ") + of);
    };
    table.columns = {
        words("run", "run", "its name"),
        count("strategies", "strategies", "in the test: those with a gamma_train and draws"),
        count("draws", "draws", "in which each of them is defined"),
        cosine("median", "median Γ_train", "over the strategies"),
        p("median_p", "|median|"),
        number("one_sign", "one sign", Digits::percent, "fraction", "strategies with the commoner sign"),
        p("one_sign_p", "one_sign"),
        number("beyond", "beyond range", Digits::percent, "fraction",
               "strategies whose gamma_train is beyond their own 95 % range of draws"),
        p("beyond_p", "beyond"),
        words("reason", "why N/A", "why there is no test"),
        words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired")};
    for (const auto& run : audit.runs) {
        if (!has_curve(run)) {
            continue;
        }
        const auto& test = run.result->specification;
        table.add({run.spec.name, static_cast<std::int64_t>(test.strategies),
                   static_cast<std::int64_t>(test.draws), test.median.value, test.median.p,
                   test.one_sign.value, test.one_sign.p, test.beyond.value, test.beyond.p, test.reason,
                   interpretable(run.result->verdict)},
                  tone_of(*run.result));
    }
    return table;
}

} // namespace fa::aggregation
