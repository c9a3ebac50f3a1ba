#include "reporting/provenance.hpp"

#include "aggregation/join.hpp"
#include "store/layout.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <string_view>

namespace fa::reporting {
namespace {

using nlohmann::json;

std::string text_at(const json& line, const char* key)
{
    const auto found = line.find(key);
    return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Reads what `fa-harness --version` prints: a line per library, the program first.
Measurement measurement_of(const std::string& versions)
{
    Measurement found;
    std::istringstream lines(versions);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("fa-harness ")) {
            found.program = line;
        } else if (line.starts_with("LibTorch ") || line.starts_with("HDF5 ")) {
            aggregation::add_word(found.libraries, ", ", line.substr(0, line.find(" (")));
        }
    }
    return found;
}

/// "model (sm_90, …), CUDA 13.0" is to stand in parentheses itself.
std::string without_parentheses(const std::string& text)
{
    std::string plain;
    for (const char letter : text) {
        if (letter == '(' && plain.ends_with(' ')) {
            plain.back() = ',';
            plain += ' ';
        } else if (letter != '(' && letter != ')') {
            plain += letter;
        }
    }
    return plain;
}

} // namespace

Provenance::Provenance(const std::filesystem::path& store)
{
    std::ifstream file(store::Layout(store).provenance(), std::ios::binary);
    Measurement of_job; // versions of the last job that began, for lines that don't say their own
    for (std::string text; std::getline(file, text);) {
        const auto line = json::parse(text, nullptr, false);
        if (!line.is_object()) {
            continue;
        }
        lines_.push_back(text);
        const auto event = text_at(line, "event");
        if (event == "job") {
            of_job = measurement_of(text_at(line, "versions"));
        } else if (event == "measured") {
            const auto versions = text_at(line, "versions");
            auto found = versions.empty() ? of_job : measurement_of(versions);
            const auto capability = text_at(line, "cpu_capability");
            found.machine = capability.empty() ? "" : "CPU capability " + capability;
            if (const auto gpu = text_at(line, "gpu"); !gpu.empty()) {
                found.machine = without_parentheses(gpu);
            }
            by_digest_[text_at(line, "digest")] = std::move(found);
        }
    }
}

Measurement Provenance::of(const std::string& digest) const
{
    const auto found = by_digest_.find(digest);
    return found == by_digest_.end() ? Measurement{} : found->second;
}

} // namespace fa::reporting
