/// --figures FOLDER.
#include "reporting/figures/figures.hpp"

#include "aggregation/statistics_tables.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>

#include <cctype>
#include <ostream>
#include <set>
#include <system_error>

namespace fa::reporting {
namespace {

constexpr std::size_t longest_name = 150; // of 255 that file systems allow; the rest for kind and extensions

/// A name for files of a figure that neither gnuplot, a shell nor LaTeX has to quote: whatever isn't a
/// letter, a digit, a dot or a dash becomes a dash. Names that differ in this alone get numbers.
class FileNames {
  public:
    std::string of(const Figure& figure)
    {
        std::string name = figure.kind + "-";
        for (const char letter : figure.subject.substr(0, longest_name)) {
            const bool plain =
                std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' || letter == '_';
            if (plain || name.back() != '-') {
                name += plain ? letter : '-';
            }
        }
        while (name.back() == '-' || name.back() == '.') {
            name.pop_back();
        }
        std::string unique = name;
        for (int number = 2; !taken_.insert(lower(unique)).second; ++number) {
            unique = fmt::format("{}-{}", name, number);
        }
        return unique;
    }

  private:
    /// Some file systems don't tell A from a.
    static std::string lower(std::string text)
    {
        for (char& letter : text) {
            letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        }
        return text;
    }

    std::set<std::string> taken_;
};

class Folder {
  public:
    Folder(std::filesystem::path folder, FigureFormat format) : folder_(std::move(folder)), format_(format)
    {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (error) {
            throw store::StoreError(folder_.string() + ": the folder can't be made: " + error.message());
        }
    }

    void add(const std::vector<Figure>& figures)
    {
        for (const auto& figure : figures) {
            const auto name = names_.of(figure);
            write(name + "." + extension_of(format_), draw(figure, format_));
            write(name + ".csv", figure.csv);
            write(name + ".gp", script_of(figure, format_, name));
            captions_ += fmt::format("## {}.{}\n\n{}\n\n", name, extension_of(format_), figure.caption);
            ++count_;
        }
    }

    void finish(std::ostream& terminal)
    {
        write("captions.md", "# Captions\n\n" + captions_);
        terminal << fmt::format(
            "Figures: {} in {} (each with its .csv and .gp: edit it and run gnuplot NAME.gp "
            "there; captions.md)\n",
            count_, folder_.string());
    }

  private:
    void write(const std::string& name, const std::string& content) const
    {
        store::write_whole_file(folder_ / name, content);
    }

    std::filesystem::path folder_;
    FigureFormat format_;
    FileNames names_;
    std::string captions_;
    std::size_t count_ = 0;
};

} // namespace

aggregation::ReportSummary report_figures(const std::filesystem::path& store,
                                          const aggregation::ReportOptions& options,
                                          const std::filesystem::path& folder, FigureFormat format,
                                          std::ostream& terminal)
{
    auto question = aggregation::question_of(options);
    question.cache = aggregation::CacheUse::read_only;
    const auto audit = aggregation::read_audit(store, question);
    const auto specification = aggregation::specification_table(audit);
    Folder files(folder, format);
    for (const auto& run : audit.runs) {
        if (run.result) {
            files.add(figures_of(audit, run, specification, store));
        }
    }
    for (std::size_t group = 0; group < audit.groups.size(); ++group) {
        files.add(figures_of_group(audit, group));
    }
    files.finish(terminal);
    return aggregation::summary_of(audit);
}

} // namespace fa::reporting
