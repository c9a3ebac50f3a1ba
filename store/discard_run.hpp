#pragma once
#include "store/layout.hpp"

#include <string>

namespace fa::store {

/// Removes everything that the folder keeps of a run: its file, its segments, its failure and attempt
/// records, and what unfinished writers left.
/// @returns whether there was a run file
/// @throws StoreError naming what can't be removed and the system's reason
bool discard_run(const Layout& layout, const std::string& name);

} // namespace fa::store
