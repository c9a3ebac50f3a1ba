#include "reporting/checklist/source_scan.hpp"

#include "reporting/checklist/source_files.hpp"

#include <algorithm>
#include <tuple>

namespace fa::reporting {
namespace {

void append(std::vector<Finding>& all, std::vector<Finding> more)
{
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

SourceScan scan_source(const std::filesystem::path& source)
{
    auto walk = python_files(source);
    SourceScan scan{0, {}, std::move(walk.passed_over)};
    FeedbackRule feedback;
    for (const auto& path : walk.files) {
        try {
            const auto file = read_source(path, path.string());
            Program program{file.sources, {}};
            for (const auto& part : file.sources) {
                program.imports.add(part);
            }
            append(scan.findings, find_minus_one_norms(program));
            append(scan.findings, find_clamped_cosines(program));
            append(scan.findings, find_half_precision(program));
            feedback.look_at(program);
            ++scan.files;
        } catch (const std::runtime_error& error) {
            scan.passed_over.push_back(path.string() + ": " + error.what());
        }
    }
    append(scan.findings, feedback.findings());
    // A notebook's "cell 10" stands behind "cell 9": found in order, kept in order.
    std::ranges::stable_sort(scan.findings, {}, &Finding::pitfall);
    return scan;
}

} // namespace fa::reporting
