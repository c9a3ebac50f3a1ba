#pragma once
/// From rows in memory to a finished run file that appears whole or not at all (design 8).

#include "harness/comm/communicator.hpp"
#include "harness/rows.hpp"
#include "store/layout.hpp"
#include "store/run_file.hpp"

namespace fa::harness {

/// Writes the run file together: checksums from memory first, one collective write per dataset under a
/// temporary name, reopened and compared, then renamed. Collective in the team.
/// @throws comm::GroupError on every rank if the file can't be written or doesn't read back as what was in
/// memory
void publish_run(const store::Layout& layout, const store::RunAttributes& attributes, const Rows& rows,
                 const comm::Communicator& team);

} // namespace fa::harness
