#pragma once
/// The whole job: manifest, teams, runs, tables, exit code (design 4).

#include "harness/comm/session.hpp"
#include "harness/options.hpp"
#include "harness/rank_device.hpp"

#include <string>

namespace fa::harness {

namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int failure = 1;
inline constexpr int usage = 2;
inline constexpr int some_runs_failed = 3;
inline constexpr int stopped_early = 75;
} // namespace exit_code

/// Plans and prints; needs no MPI.
/// @param devices  where the ranks would compute (harness/seat_text.hpp), printed below the plan
/// @throws jobs::ManifestError
int dry_run(const AuditOptions& options, const std::string& devices);

/// Collective in the world. Only rank 0 returns a code other than 0, after all output: a rank that leaves
/// early with one makes mpirun kill the rest before the tables are printed.
/// @param device  where this rank computes
int run_job(const AuditOptions& options, const comm::Communicator& world, const RankDevice& device);

} // namespace fa::harness
