#include "aggregation/measured_options.hpp"

#include "aggregation/join.hpp"

#include <fmt/format.h>

#include <variant>

namespace fa::aggregation {
namespace {

/// A run file names no paths (design 6): a file of feedback is "file" there.
std::string source_text(const jobs::FeedbackSource& source)
{
    return std::holds_alternative<jobs::FileFeedback>(source) ? "file" : jobs::to_string(source);
}

} // namespace

std::string differing_options(const jobs::RunSpec& asked, const store::RunAttributes& measured)
{
    std::string differences;
    const auto compare = [&](const char* key, const auto& in_file, const auto& in_manifest) {
        const auto file = fmt::format("{}", in_file);
        const auto manifest = fmt::format("{}", in_manifest);
        if (file != manifest) {
            add_word(differences, "; ", fmt::format("{} is {}, the manifest says {}", key, file, manifest));
        }
    };
    compare("credit", measured.credit, jobs::to_string(asked.credit));
    compare("loss", measured.loss, jobs::to_string(asked.loss));
    // Without credit a file has 0 draws, whatever the manifest says.
    if (asked.credit != jobs::Credit::none && measured.credit != jobs::to_string(jobs::Credit::none)) {
        compare("draws", measured.draws, asked.draws);
    }
    compare("draw_seed", measured.draw_seed, asked.draw_seed);
    compare("eval_seed", measured.eval_seed, asked.eval_seed);
    compare("batches", measured.batches, asked.batches);
    compare("batch_size", measured.batch_size, asked.batch_size);
    compare("feedback", measured.feedback, source_text(asked.feedback));
    compare("feedback_sign", measured.feedback_sign, asked.feedback_sign);
    compare("feedback_shared", measured.feedback_shared, asked.feedback_shared);
    if (asked.feedback_distribution) { // otherwise the checkpoint decides
        compare("feedback_distribution", measured.feedback_distribution,
                jobs::to_string(*asked.feedback_distribution));
    }
    if (measured.relaxation) {
        const auto compare_if_asked = [&](const char* key, const auto& in_file, const auto& in_manifest) {
            if (in_manifest)
                compare(key, in_file, *in_manifest);
        };
        compare_if_asked("ep_beta", measured.relaxation->beta, asked.ep_beta);
        compare_if_asked("ep_steps", measured.relaxation->steps, asked.ep_steps);
        compare_if_asked("ep_step", measured.relaxation->step, asked.ep_step);
    }
    return differences;
}

} // namespace fa::aggregation
