#pragma once
#include "store/layout.hpp"

#include <string>

namespace fa::aggregation {

enum class RunState {
    measured,
    failed, ///< with a recorded reason, or its file can't be read
    missing ///< neither: not done yet
};

struct RunStatus {
    RunState state;
    std::string reason; ///< empty for a measured run
};

/// What the store knows of a run. A failure that is recorded beside a finished file counts: it is the later
/// of the two (finishing a run forgets its failure), unless it is of the very inputs that the file was
/// measured from.
RunStatus run_status(const store::Layout& layout, const std::string& name);

} // namespace fa::aggregation
