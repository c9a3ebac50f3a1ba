#pragma once
#include "harness/options.hpp"
#include "jobs/run_spec.hpp"

#include <string>

namespace fa::harness {

/// SHA-256 of the bytes a run reads.
struct InputHashes {
    std::string checkpoint;
    std::string data;
    std::string feedback_file; ///< empty unless feedback=FILE
};

/// Everything that decides the numbers of a run file, as one hash: equal digests, equal measurements. Labels
/// (method, group, seed, frozen, headline, note), thresholds, strategies and the number of ranks are not in
/// it.
std::string run_digest(const jobs::RunSpec& spec, const AuditOptions& options, const InputHashes& inputs);

} // namespace fa::harness
