#include "reporting/checklist/checklist_command.hpp"

#include "aggregation/command_line.hpp"
#include "reporting/checklist/checklist.hpp"

#include <boost/program_options/value_semantic.hpp>

#include <ostream>
#include <stdexcept>

namespace fa::reporting {

namespace po = boost::program_options;

po::options_description checklist_options()
{
    po::options_description options("Checklist", aggregation::help_columns);
    options.add_options()(
        "checklist", po::bool_switch(),
        "go through the six pitfalls of an evaluation, with the store's numbers, instead of "
        "writing tables; exit with 5 where something is found")(
        "source", po::value<std::string>()->value_name("DIR"),
        "with --checklist: look through the Python (.py, .ipynb) in this folder for pitfalls 1 to 4")(
        "pitfalls", po::value<std::string>()->value_name("LIST")->default_value("1,2,3,4,5,6"),
        "with --checklist: these alone");
    return options;
}

bool wants_checklist(const po::variables_map& values)
{
    const bool wanted = values["checklist"].as<bool>();
    if (!wanted && (values.contains("source") || !values["pitfalls"].defaulted())) {
        throw std::invalid_argument("--source and --pitfalls belong to --checklist");
    }
    return wanted;
}

int run_checklist(const std::filesystem::path& store, const aggregation::ReportOptions& options,
                  const po::variables_map& values, std::ostream& terminal)
{
    const auto pitfalls = pitfalls_from(values["pitfalls"].as<std::string>());
    std::optional<SourceScan> source;
    if (values.contains("source")) {
        source = scan_source(values["source"].as<std::string>());
    }
    const auto audit =
        aggregation::read_audit(store, {options.thresholds, options.strategies, 0, options.checksums});
    const auto checklist = make_checklist(audit, pitfalls, std::move(source));
    print(checklist, terminal);
    if (const int code = exit_code(checklist); code != 0) {
        return code;
    }
    const auto completeness = values["require-complete"].as<bool>() ? aggregation::Completeness::required
                                                                    : aggregation::Completeness::optional;
    return aggregation::exit_code(aggregation::summary_of(audit), aggregation::fail_on(values), completeness);
}

} // namespace fa::reporting
