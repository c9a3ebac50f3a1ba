#pragma once
/// What a checkpoint records of its training, beside what the manifest says of it.

#include "jobs/run_spec.hpp"
#include "store/run_file.hpp"

#include <string>
#include <vector>

namespace fa::aggregation {

/// "The checkpoint records method 'DFA', credit 'dfa' and seed '42'."; empty where it records none of them.
std::string record_sentence(const store::RunAttributes& run);

/// A recorded credit or method among the rules with feedback matrices that is not the credit evaluated, and a
/// recorded seed that is not the manifest's. The rule trained and the credit evaluated are separate, so that
/// neither is an error; credit=callback, the network's own rule, may be any.
std::vector<std::string> record_warnings(const jobs::RunSpec& spec, const store::RunAttributes& run);

} // namespace fa::aggregation
