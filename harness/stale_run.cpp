#include "harness/stale_run.hpp"

#include "aggregation/join.hpp"
#include "aggregation/measured_options.hpp"
#include "store/error.hpp"
#include "store/reader.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <variant>

namespace fa::harness {
namespace {

/// The manifest's keys that a run file records, and the options of the command line.
std::string changed_options(const jobs::RunSpec& spec, const store::RunAttributes& before,
                            const store::RunAttributes& now)
{
    auto differences = aggregation::differing_options(spec, before);
    const auto compare = [&](const char* option, const auto& old_value, const auto& new_value) {
        if (old_value != new_value)
            aggregation::add_word(differences, "; ",
                                  fmt::format("{} was {}, is {}", option, old_value, new_value));
    };
    compare("model", before.model, now.model);
    compare("--precision", before.precision, now.precision);
    compare("--threads", before.threads, now.threads);
    compare("--keep", before.keep, now.keep);
    return differences;
}

/// Both audits took the matrices of a file, and they are others.
bool other_feedback_file(const jobs::RunSpec& spec, const store::RunAttributes& before,
                         const store::RunAttributes& now)
{
    return std::holds_alternative<jobs::FileFeedback>(spec.feedback) && before.feedback == now.feedback &&
           before.feedback_sha256 != now.feedback_sha256;
}

} // namespace

std::string what_changed(const jobs::RunSpec& spec, const store::RunAttributes& before,
                         const store::RunAttributes& now)
{
    std::string changed;
    const auto add = [&](const std::string& what) { aggregation::add_word(changed, " and ", what); };
    if (before.checkpoint_sha256 != now.checkpoint_sha256)
        add("its checkpoint");
    if (before.data_sha256 != now.data_sha256)
        add("its data");
    if (other_feedback_file(spec, before, now))
        add("its feedback file");
    const auto options = changed_options(spec, before, now);
    // The digest has more in it than the file tells: a model's own key, the scale of inputs, the part of a
    // file.
    if (!options.empty() || changed.empty())
        add("its options");
    return changed + " changed" + (options.empty() ? "" : " (" + options + ")");
}

void tell_if_stale(const store::Layout& layout, const jobs::RunSpec& spec, const store::RunAttributes& now)
{
    const auto file = layout.run(spec.name);
    std::error_code none;
    if (!std::filesystem::exists(file, none))
        return;
    try {
        const store::RunReader reader(file);
        const auto& before = reader.attributes();
        if (before.digest == now.digest)
            reader.verify();
        else
            fmt::print(stderr, "fa-harness: run '{}': {} since it was measured; measured again\n", spec.name,
                       what_changed(spec, before, now));
    } catch (const store::StoreError& error) {
        fmt::print(stderr, "fa-harness: run '{}': its file is damaged ({}); measured again\n", spec.name,
                   error.what());
    }
}

} // namespace fa::harness
