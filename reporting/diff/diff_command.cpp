#include "reporting/diff/diff_command.hpp"

#include "aggregation/command_line.hpp"
#include "aggregation/report_options.hpp"
#include "reporting/diff/audit_diff.hpp"
#include "store/layout.hpp"

#include <boost/program_options.hpp>
#include <unistd.h>

#include <cstdlib>
#include <ostream>
#include <stdexcept>

namespace fa::reporting {

namespace po = boost::program_options;

std::vector<po::options_description> diff_option_groups()
{
    po::options_description general("General", aggregation::help_columns);
    general.add_options()("verify", po::bool_switch(),
                          "compare each byte of every run file with the checksums in it first")(
        "help,h", po::bool_switch(), "print this and exit");
    return {aggregation::threshold_options(), aggregation::strategy_options(), general};
}

namespace {

constexpr const char* usage =
    "fa-report diff A B [options]\n"
    "What changed between two audits, and whether more than noise. Both are judged by the "
    "thresholds given here; Γ is\nthat of the first --strategy (pooled=mean,layers=mean).\n";
constexpr const char* exit_codes =
    "\nExit codes: 0 nothing differs by more than noise, 6 something does (or a run is "
    "measured in one alone), 2 wrong\nusage or manifest, 1 anything else.\n";

po::variables_map parse(int count, const char* const* arguments, const po::options_description& visible)
{
    po::options_description all;
    all.add(visible).add_options()("command",
                                   po::value<std::string>())("stores", po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add("command", 1).add("stores", -1);
    po::variables_map values;
    po::store(po::command_line_parser(aggregation::with_dashes(count, arguments))
                  .options(all)
                  .positional(positional)
                  .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
    return values;
}

std::filesystem::path store_from(const std::string& text)
{
    if (!std::filesystem::exists(store::Layout(text).manifest())) {
        throw std::invalid_argument(text +
                                    " is no store: it has no manifest.txt (fa-harness --output writes one)");
    }
    return text;
}

} // namespace

int run_diff(int count, const char* const* arguments, std::ostream& terminal)
{
    po::options_description visible;
    for (const auto& group : diff_option_groups()) {
        visible.add(group);
    }
    const auto values = parse(count, arguments, visible);
    if (values["help"].as<bool>()) {
        terminal << usage << visible << exit_codes;
        return 0;
    }
    const auto stores = values.contains("stores") ? values["stores"].as<std::vector<std::string>>()
                                                  : std::vector<std::string>{};
    if (stores.size() != 2) {
        throw std::invalid_argument("two folders are needed: fa-report diff A B (see fa-report diff --help)");
    }
    const auto options = aggregation::report_options(values);
    const auto checksums =
        values["verify"].as<bool>() ? aggregation::Checksums::all : aggregation::Checksums::metadata;
    const auto strategy =
        values.contains("strategy")
            ? aggregation::Strategy(values["strategy"].as<std::vector<std::string>>().front())
            : options.strategies.front();
    const aggregation::AuditQuestion question{options.thresholds, {strategy}, 0, checksums};
    const auto a = store_from(stores[0]), b = store_from(stores[1]);
    const auto diff =
        diff_audits(a, aggregation::read_audit(a, question), b, aggregation::read_audit(b, question));
    print(diff, isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr, terminal);
    return diff.beyond_noise() ? 6 : 0;
}

} // namespace fa::reporting
