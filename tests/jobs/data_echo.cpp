/// data_echo DATA SPLIT [key=value …]: the split as JSON (inputs as hexadecimal floats would be long: their
/// bytes as 32-bit numbers), for comparison with Python; an error alone as {"error": …}.
#include "jobs/dataset.hpp"
#include "jobs/manifest_keys.hpp"

#include <nlohmann/json.hpp>

#include <bit>
#include <iostream>

int main(int argc, char** argv)
{
    nlohmann::json result;
    try {
        fa::jobs::RunSpec run;
        for (int i = 3; i < argc; ++i) {
            const std::string word = argv[i];
            const auto equals = word.find('=');
            fa::jobs::apply(run, word.substr(0, equals), word.substr(equals + 1),
                            {".", fa::jobs::Paths::unchecked});
        }
        const auto header = fa::jobs::read_split_header(argv[1], argv[2], run.data_options);
        const auto split = fa::jobs::read_split(argv[1], argv[2], run.data_options);
        if (header.samples != split.samples() || header.shape != split.shape) {
            throw std::logic_error("the header says another shape");
        }
        std::vector<std::uint32_t> bits;
        for (const float value : split.inputs) {
            bits.push_back(std::bit_cast<std::uint32_t>(value));
        }
        result = {{"shape", split.shape}, {"labels", split.labels}, {"bits", bits}};
    } catch (const fa::jobs::DataError& error) {
        result = {{"error", error.what()}};
    }
    std::cout << result << '\n';
}
