#include "reporting/checklist/source_files.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace fa::reporting {
namespace {

namespace fs = std::filesystem;

bool is_notebook(const fs::path& file)
{
    return file.extension() == ".ipynb";
}

bool is_left_out(const fs::path& folder)
{
    const auto name = folder.filename().string();
    std::error_code ignored;
    return name.starts_with(".") || name == "__pycache__" || name == "node_modules" ||
           name == "site-packages" || fs::exists(folder / "pyvenv.cfg", ignored);
}

void take(const fs::path& file, std::uintmax_t size, Walk& walk)
{
    const auto most = is_notebook(file) ? largest_notebook : largest_module;
    if (size > most) {
        walk.passed_over.push_back(fmt::format("{}: {} MB, more than {} MB are not looked through",
                                               file.string(), size >> 20U, most >> 20U));
    } else {
        walk.files.push_back(file);
    }
}

std::string bytes_of(const fs::path& file)
{
    std::error_code error;
    const auto size = fs::file_size(file, error);
    std::ifstream stream(file, std::ios::binary);
    if (error || !stream) {
        throw std::runtime_error("it can't be read");
    }
    // A file may grow meanwhile: no more than was looked at.
    std::string text(static_cast<std::size_t>(std::min(size, largest_notebook)), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) {
        throw std::runtime_error("it can't be read");
    }
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return text;
}

/// A cell's text: a string, or a list of them.
std::string text_of(const nlohmann::json& source)
{
    if (source.is_string()) {
        return source.get<std::string>();
    }
    std::string text;
    for (const auto& line : source.is_array() ? source : nlohmann::json::array()) {
        text += line.is_string() ? line.get<std::string>() : "";
    }
    return text;
}

/// What IPython adds to Python: `%magic` and `!shell` lines, emptied so that lines keep their numbers. A cell
/// of another language (%%bash) has no Python.
std::string python_of(std::string cell)
{
    if (cell.starts_with("%%")) {
        const auto word = cell.substr(2, cell.find_first_of(" \n") - 2);
        if (word != "time" && word != "timeit" && word != "capture" && word != "prun") {
            return {};
        }
    }
    for (std::size_t begin = 0; begin < cell.size();) {
        const auto end = std::min(cell.find('\n', begin), cell.size());
        const auto first = cell.find_first_not_of(" \t", begin);
        if (first < end && (cell[first] == '%' || cell[first] == '!')) {
            std::fill(cell.begin() + static_cast<std::ptrdiff_t>(begin),
                      cell.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        }
        begin = end + 1;
    }
    return cell;
}

/// Parsed within bounds: a notebook is a few levels deep.
nlohmann::json parsed(const std::string& text)
{
    constexpr int deepest = 64;
    const auto bounded = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        if (depth > deepest) {
            throw std::runtime_error("it is nested too deep for a notebook");
        }
        return true;
    };
    try {
        return nlohmann::json::parse(text, bounded);
    } catch (const nlohmann::json::exception&) {
        throw std::runtime_error("it is no notebook: its JSON doesn't parse");
    }
}

SourceFile read_notebook(const std::string& text, const std::string& shown)
{
    const auto notebook = parsed(text);
    if (!notebook.is_object() || !notebook.contains("cells") || !notebook["cells"].is_array()) {
        throw std::runtime_error("it is no notebook: it has no cells");
    }
    SourceFile file;
    int number = 0;
    for (const auto& cell : notebook["cells"]) {
        ++number;
        if (cell.is_object() && cell.contains("source") && cell.contains("cell_type") &&
            cell["cell_type"] == "code") {
            file.sources.emplace_back(fmt::format("{}: cell {}", shown, number),
                                      python_of(text_of(cell["source"])));
        }
    }
    return file;
}

} // namespace

Walk python_files(const fs::path& source)
{
    Walk walk;
    std::error_code error;
    if (fs::is_regular_file(source, error)) {
        take(source, fs::file_size(source), walk);
        return walk;
    }
    if (!fs::is_directory(source, error)) {
        throw std::invalid_argument("--source " + source.string() + ": there is no such folder or file");
    }
    fs::recursive_directory_iterator entry(source, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const auto status = entry->symlink_status(ignored);
        const auto extension = entry->path().extension();
        if (fs::is_directory(status)) {
            if (is_left_out(entry->path())) {
                entry.disable_recursion_pending();
            }
        } else if (extension != ".py" && extension != ".ipynb") {
            continue;
        } else if (fs::is_symlink(status)) {
            walk.passed_over.push_back(entry->path().string() + ": a link, not followed");
        } else if (!fs::is_regular_file(status)) {
            walk.passed_over.push_back(entry->path().string() + ": no file");
        } else if (walk.files.size() == most_files) {
            walk.passed_over.push_back(fmt::format("{}: more than {} files, the rest is not looked through",
                                                   source.string(), most_files));
            break;
        } else {
            take(entry->path(), entry->file_size(ignored), walk);
        }
    }
    if (error) {
        walk.passed_over.push_back(source.string() + ": not looked through to its end: " + error.message());
    }
    std::ranges::sort(walk.files);
    return walk;
}

SourceFile read_source(const fs::path& file, const std::string& shown)
{
    auto text = bytes_of(file);
    if (is_notebook(file)) {
        return read_notebook(text, shown);
    }
    if (text.find('\0') != std::string::npos) {
        throw std::runtime_error("it is no Python in ASCII or UTF-8: it has zero bytes");
    }
    SourceFile result;
    result.sources.emplace_back(shown, std::move(text));
    return result;
}

} // namespace fa::reporting
