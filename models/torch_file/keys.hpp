#pragma once
/// Names of what a pickled object holds, for choosing and for messages.

#include "models/pickle/objects.hpp"

#include <optional>
#include <string>

namespace fa::models::torch_file {

/// A key of a dict as a path writes it: text, or an integer's digits; nothing for other keys.
std::optional<std::string> key_name(const pickle::Objects& objects, pickle::Id key);

/// "a tensor", "a dict of 12", "a whole pickled module ('torch.nn.modules.container.Sequential')"
std::string described(const pickle::Objects& objects, pickle::Id id);

/// The same with the first entries of a dict.
std::string listed(const pickle::Objects& objects, pickle::Id id);

/// Whether it is a pickled torch.nn.Module: an instance with _parameters and _modules.
bool is_module(const pickle::Objects& objects, pickle::Id id);

} // namespace fa::models::torch_file
