#include "aggregation/report_options.hpp"

#include "aggregation/command_line.hpp"

#include <boost/program_options/value_semantic.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fa::aggregation {

namespace po = boost::program_options;

po::options_description threshold_options()
{
    const verdict::Thresholds defaults;
    po::options_description options("Thresholds of the four diagnostics", help_columns);
    options.add_options()(
        "h-norm-explosion-ratio",
        po::value<double>()->value_name("RATIO")->default_value(defaults.h_norm_explosion_ratio, "50"),
        "(a) scale fires where the median norm of the hidden states grows by more than this factor in a "
        "block")("g-norm-floor",
                 po::value<double>()->value_name("NORM")->default_value(defaults.g_norm_floor, "1e-7"),
                 "(b) floor fires where the median gradient norm at the last layer is below this (at the "
                 "mean-loss scale of a "
                 "128 batch)")(
        "stability-drift-ceiling",
        po::value<double>()->value_name("COSINE")->default_value(defaults.stability_drift_ceiling, "0.3"),
        "(c) drift fires where the mean cosine between the batches' gradients at the middle layer is above "
        "this")("frozen-acc-margin-pp",
                po::value<double>()->value_name("POINTS")->default_value(defaults.frozen_acc_margin_pp, "2"),
                "(d) useful blocks fires where the accuracy is less than this many percentage points above "
                "the frozen "
                "control's");
    return options;
}

po::options_description strategy_options()
{
    po::options_description options("Aggregation", help_columns);
    options.add_options()(
        "strategy", po::value<std::vector<std::string>>()->value_name("TEXT")->composing(),
        "an aggregation strategy besides the 14 usual ones, e.g. pooled=median,layers=mean: steps "
        "AXIS=REDUCER in order, axes samples, batches, pooled, layers, blocks, reducers mean, "
        "median, iqm, behind batchvec, flat, concat or angle for a vector form; may be repeated")(
        "only-strategies", po::bool_switch(), "the strategies of --strategy instead of the usual ones")(
        "bootstrap",
        po::value<std::int64_t>()->value_name("N")->default_value(
            static_cast<std::int64_t>(default_replicates)),
        "replicates of the bootstrap intervals over seeds; 0: no intervals");
    return options;
}

po::options_description verdict_options()
{
    po::options_description options("Exit code", help_columns);
    options.add_options()(
        "fail-on", po::value<std::string>()->value_name("LETTERS")->default_value("", "none"),
        "exit with 4 where one of these diagnostics fired in a run: letters such as abd, or any");
    return options;
}

namespace {

double threshold(const po::variables_map& values, const char* name)
{
    const double value = values[name].as<double>();
    if (std::isnan(value)) {
        throw std::invalid_argument(std::string("--") + name + ": a number is needed, not NaN");
    }
    return value;
}

std::vector<Strategy> strategies_from(const po::variables_map& values)
{
    const bool only = values["only-strategies"].as<bool>();
    auto strategies = only ? std::vector<Strategy>{} : default_strategies();
    if (values.contains("strategy")) {
        for (const auto& text : values["strategy"].as<std::vector<std::string>>()) {
            const Strategy added(text);
            const bool known = std::any_of(strategies.begin(), strategies.end(),
                                           [&](const Strategy& one) { return one.text() == added.text(); });
            if (!known) {
                strategies.push_back(added);
            }
        }
    }
    if (strategies.empty()) {
        throw std::invalid_argument("--only-strategies needs at least one --strategy");
    }
    return strategies;
}

} // namespace

ReportOptions report_options(const po::variables_map& values)
{
    ReportOptions options;
    options.thresholds.h_norm_explosion_ratio = threshold(values, "h-norm-explosion-ratio");
    options.thresholds.g_norm_floor = threshold(values, "g-norm-floor");
    options.thresholds.stability_drift_ceiling = threshold(values, "stability-drift-ceiling");
    options.thresholds.frozen_acc_margin_pp = threshold(values, "frozen-acc-margin-pp");
    options.strategies = strategies_from(values);
    const auto replicates = values["bootstrap"].as<std::int64_t>();
    if (replicates < 0 || replicates > 10'000'000) {
        throw std::invalid_argument("--bootstrap " + std::to_string(replicates) +
                                    ": 0 to 10000000 is needed");
    }
    options.replicates = static_cast<std::size_t>(replicates);
    return options;
}

FailOn::FailOn(const std::string& text) : letters_(text == "any" ? "abcd" : text)
{
    std::erase(letters_, ',');
    if (letters_.find_first_not_of("abcd") != std::string::npos) {
        throw std::invalid_argument("--fail-on " + text +
                                    ": letters of the diagnostics a, b, c, d are needed, or any");
    }
}

bool FailOn::matches(const std::string& fired_letters) const
{
    return fired_letters.find_first_of(letters_) != std::string::npos;
}

FailOn fail_on(const po::variables_map& values)
{
    return FailOn(values["fail-on"].as<std::string>());
}

int exit_code(const ReportSummary& summary, const FailOn& fail_on, Completeness completeness)
{
    const bool matched = std::any_of(summary.fired.begin(), summary.fired.end(),
                                     [&](const std::string& letters) { return fail_on.matches(letters); });
    if (matched) {
        return 4;
    }
    const int missing = completeness == Completeness::required ? summary.missing : 0;
    return summary.failed + missing > 0 ? 3 : 0;
}

} // namespace fa::aggregation
