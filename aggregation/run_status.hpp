#pragma once
#include "jobs/run_spec.hpp"
#include "store/layout.hpp"

#include <string>

namespace fa::aggregation {

enum class RunState {
    measured,
    failed, ///< with a recorded reason, or its file can't be read
    missing ///< neither: not done yet, or not with the options that the manifest now gives
};

struct RunStatus {
    RunState state;
    std::string reason;       ///< empty for a measured run
    std::string architecture; ///< of a measured run
};

/// Which checksums of a run file are compared.
enum class Checksums {
    metadata, ///< that of all but the datasets' numbers: whenever a file is opened
    all
};

/// What the store knows of a run. A failure that is recorded beside a finished file counts: it is the later
/// of the two (finishing a run forgets its failure), unless it is of the very inputs that the file was
/// measured from. A damaged file is a failure that says what is damaged. A file of other options than the
/// manifest's (a re-audit was interrupted) is as good as none.
RunStatus run_status(const store::Layout& layout, const jobs::RunSpec& run,
                     Checksums compared = Checksums::metadata);

/// Of a run that was measured when it was listed, and then can't be read: failed for that reason, or missing
/// if its file is gone, which another job may have removed to start over.
RunStatus unreadable(const store::Layout& layout, const jobs::RunSpec& run, const std::string& reason);

} // namespace fa::aggregation
