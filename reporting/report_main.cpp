/// fa-report: the tables of a store, again, without touching a model (design 4). Calls neither MPI nor
/// LibTorch.
#include "aggregation/command_line.hpp"
#include "aggregation/report.hpp"
#include "aggregation/report_options.hpp"
#include "command_line/program.hpp"
#include "jobs/manifest.hpp"
#include "reporting/checklist/checklist_command.hpp"
#include "reporting/diff/diff_command.hpp"
#include "reporting/figures/figures.hpp"
#include "reporting/format.hpp"
#include "reporting/request.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"

#include <boost/program_options.hpp>
#include <boost/version.hpp>
#include <fmt/core.h>
#include <hdf5.h>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

namespace {

namespace po = boost::program_options;
namespace aggregation = fa::aggregation;
namespace reporting = fa::reporting;

constexpr int wrong_usage = 2;

po::options_description general_options()
{
    po::options_description options("General", aggregation::help_columns);
    options.add_options()("config", po::value<std::string>()->value_name("FILE"),
                          "read options from a file, a line OPTION=VALUE each; the command line wins")(
        "help,h", po::bool_switch(), "print this and exit")("version", po::bool_switch(),
                                                            "print versions and exit");
    return options;
}

fa::command_line::Program program()
{
    return {"fa-report",
            "the tables of an audit, from its store alone",
            {"fa-report DIR [options]", "fa-report DIR --checklist [--source CODE]",
             "fa-report diff A B [options]"},
            {"Writes the tables of a store again (tables/, audit.h5), with other thresholds or strategies, "
             "or prints them as a document (--format).",
             "fa-report diff A B says what changed between two audits and whether more than noise; it takes "
             "the options "
             "of the diagnostics' thresholds and of aggregation, --verify and --help. A folder named diff is "
             "./diff."},
            {aggregation::threshold_options(), aggregation::strategy_options(), reporting::output_options(),
             reporting::checklist_options(), aggregation::verdict_options(), general_options()},
            {{0, "no run failed"},
             {2, "wrong usage or manifest"},
             {3, "runs failed (with --require-complete: or are missing)"},
             {4, "a verdict matched --fail-on"},
             {5, "--checklist found something"},
             {6, "diff: something differs by more than noise, or a run is measured in one audit alone"},
             {1, "anything else"}},
            {{"format", {"terminal", "markdown", "csv", "json", "latex", "html"}},
             {"figure-format", {"svg", "pdf"}},
             {"colour", {"auto", "always", "never"}}},
            {"diff"},
            {"fa-harness(1)", "fa-train(1)"}};
}

std::string versions()
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    return fmt::format(
        "fa-report {}\nHDF5 {}.{}.{}\nBoost {}.{}.{}\nfmt {}.{}.{}\nnlohmann-json {}.{}.{}\nzlib {}\n",
        FA_VERSION, major, minor, release, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
        BOOST_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
        NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, zlibVersion());
}

bool use_colour(const std::string& when)
{
    if (when == "auto") {
        const char* const no_colour = std::getenv("NO_COLOR"); // no-color.org: set, and not empty
        return isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
    }
    if (when != "always" && when != "never") {
        throw std::invalid_argument("--colour " + when + ": auto, always or never is needed");
    }
    return when == "always";
}

po::variables_map parse(int count, char** arguments, const po::options_description& visible)
{
    po::options_description all;
    all.add(visible).add_options()("store", po::value<std::string>());
    po::positional_options_description positional;
    positional.add("store", 1);
    po::variables_map values;
    po::store(po::command_line_parser(aggregation::with_dashes(count, arguments))
                  .options(all)
                  .positional(positional)
                  .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    if (values.contains("config")) {
        aggregation::store_config(values["config"].as<std::string>(), visible, values);
    }
    po::notify(values);
    return values;
}

std::string store_of(const po::variables_map& values)
{
    if (!values.contains("store")) {
        throw std::invalid_argument("the store's folder is needed: fa-report DIR (see --help)");
    }
    const auto store = values["store"].as<std::string>();
    if (!std::filesystem::exists(fa::store::Layout(store).manifest())) {
        throw std::invalid_argument(store +
                                    " is no store: it has no manifest.txt (fa-harness --output writes one)");
    }
    return store;
}

aggregation::ReportOptions options_of(const po::variables_map& values)
{
    auto options = aggregation::report_options(values);
    if (values["verify"].as<bool>()) {
        options.checksums = aggregation::Checksums::all;
    }
    options.colour = use_colour(values["colour"].as<std::string>());
    if (values.contains("output")) {
        options.tables = values["output"].as<std::string>();
    }
    return options;
}

/// Gives what is asked for.
/// @returns the exit code
int answer(const po::variables_map& values, std::ostream& out)
{
    using reporting::Request;
    const auto request = reporting::request_of(values);
    const auto store = store_of(values);
    const auto options = options_of(values);
    const auto fail_on = aggregation::fail_on(values);
    const auto completeness = values["require-complete"].as<bool>() ? aggregation::Completeness::required
                                                                    : aggregation::Completeness::optional;
    const auto coded = [&](const aggregation::ReportSummary& summary) {
        return aggregation::exit_code(summary, fail_on, completeness);
    };
    const auto figure_format = reporting::figure_format(values["figure-format"].as<std::string>());
    switch (request) {
    case Request::checklist:
        return reporting::run_checklist(store, options, values, out);
    case Request::figures:
        return coded(reporting::report_figures(store, options, values["figures"].as<std::string>(),
                                               figure_format, out));
    case Request::methods:
        return coded(reporting::report_methods(store, options, out));
    case Request::document:
        return coded(reporting::report_as(reporting::format_from(values["format"].as<std::string>()), store,
                                          options, out));
    case Request::tables:
        break;
    }
    return coded(aggregation::report(store, options, out));
}

int run(int count, char** arguments)
{
    if (count > 1 && std::string_view(arguments[1]) == "diff") {
        return reporting::run_diff(count, arguments, std::cout);
    }
    const auto described = program();
    if (const auto text = fa::command_line::help_as(
            described, FA_VERSION, std::span(arguments, static_cast<std::size_t>(count)).subspan(1))) {
        std::cout << *text;
        return 0;
    }
    po::options_description visible;
    for (const auto& group : described.groups) {
        visible.add(group);
    }
    const auto values = parse(count, arguments, visible);
    if (values["help"].as<bool>()) {
        std::cout << fa::command_line::help(described);
        return 0;
    }
    if (values["version"].as<bool>()) {
        std::cout << versions();
        return 0;
    }
    return answer(values, std::cout);
}

} // namespace

int main(int count, char** arguments)
{
    try {
        return run(count, arguments);
    } catch (const po::error& error) {
        std::cerr << "fa-report: " << error.what() << " (see --help)\n";
        return wrong_usage;
    } catch (const std::invalid_argument& error) {
        std::cerr << "fa-report: " << error.what() << '\n';
        return wrong_usage;
    } catch (const fa::jobs::ManifestError& error) {
        for (const auto& message : error.messages) {
            std::cerr << "fa-report: " << message << '\n';
        }
        return wrong_usage;
    } catch (const std::exception& error) {
        std::cerr << "fa-report: " << error.what() << '\n';
        return 1;
    }
}
