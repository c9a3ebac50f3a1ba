#include "reporting/request.hpp"

#include "aggregation/command_line.hpp"
#include "reporting/checklist/checklist_command.hpp"
#include "reporting/format.hpp"

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fa::reporting {

namespace po = boost::program_options;

po::options_description output_options()
{
    const auto words = [](const char* name) { return po::value<std::string>()->value_name(name); };
    po::options_description options("Output", aggregation::help_columns);
    auto add = options.add_options();
    add("format", words("FORMAT")->default_value("terminal"),
        "terminal: write DIR/tables and audit.h5, print the tables; markdown, csv, json, latex or html: "
        "print "
        "one document and leave DIR as it is");
    add("methods-text", po::bool_switch(),
        "print the paragraph of a paper that says what was measured, and leave DIR as it is");
    add("output", words("FOLDER"),
        "where the tables go instead of DIR/tables (audit.h5 is then left as it is)");
    add("figures", words("FOLDER"),
        "draw the figures of every run and group there instead (by gnuplot), each with its data and script; "
        "DIR is left as it is");
    add("figure-format", words("FORMAT")->default_value("svg"), "of the figures: svg or pdf");
    add("colour", words("WHEN")->default_value("auto"), "colours on the terminal: auto, always or never");
    add("verify", po::bool_switch(),
        "read every run file and compare each of its bytes with the checksums in it first: what is damaged "
        "is listed as failed");
    add("require-complete", po::bool_switch(), "exit with 3 also where runs of the manifest are missing");
    return options;
}

Request request_of(const po::variables_map& values)
{
    std::vector<std::pair<std::string, Request>> asked;
    const auto& format = values["format"].as<std::string>();
    if (format_from(format) != Format::terminal) {
        asked.emplace_back("--format " + format, Request::document);
    }
    if (values["methods-text"].as<bool>()) {
        asked.emplace_back("--methods-text", Request::methods);
    }
    if (values.contains("figures")) {
        asked.emplace_back("--figures", Request::figures);
    }
    if (wants_checklist(values)) {
        asked.emplace_back("--checklist", Request::checklist);
    }
    if (!asked.empty() && values.contains("output")) {
        throw std::invalid_argument(fmt::format(
            "{} writes no tables, and --output says where tables go: leave one out", asked.front().first));
    }
    if (asked.size() > 1) {
        throw std::invalid_argument(fmt::format("{} and {} are two things: ask for them one after the other",
                                                asked[0].first, asked[1].first));
    }
    return asked.empty() ? Request::tables : asked.front().second;
}

} // namespace fa::reporting
