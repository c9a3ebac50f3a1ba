#include "aggregation/command_line.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fa::aggregation {

std::vector<std::string> with_dashes(int count, const char* const* arguments)
{
    std::vector<std::string> result;
    bool names = true;
    for (int i = 1; i < count; ++i) {
        std::string argument = arguments[i];
        names = names && argument != "--";
        if (names && argument.starts_with("--")) {
            const auto end = std::min(argument.find('='), argument.size());
            std::replace(argument.begin(), argument.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
        }
        result.push_back(std::move(argument));
    }
    return result;
}

void store_config(const std::filesystem::path& file,
                  const boost::program_options::options_description& options,
                  boost::program_options::variables_map& values)
{
    std::ifstream input(file);
    if (!input) {
        throw std::invalid_argument("--config " + file.string() + ": the file can't be read");
    }
    std::stringstream renamed;
    for (std::string line; std::getline(input, line);) {
        const auto end = std::min(line.find('='), line.size());
        std::replace(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end), '_', '-');
        renamed << line << '\n';
    }
    try {
        boost::program_options::store(boost::program_options::parse_config_file(renamed, options), values);
    } catch (const boost::program_options::error& error) {
        throw std::invalid_argument("--config " + file.string() + ": " + error.what());
    }
}

} // namespace fa::aggregation
