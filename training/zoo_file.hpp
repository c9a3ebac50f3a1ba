#pragma once
/// A zoo file: one run of fa-train per line, as a manifest has one audited run per line (design 5).
///
///     default data=data/mnist1d-24k.h5 batch_size=128
///     name=bp-s42  method=bp  seed=42
///     name=dfa-s42 method=dfa seed=42 epochs=12 lr=3e-2

#include "training/recipe.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace fa::training {

/// Reads a zoo file. Relative paths are relative to its folder; all errors are collected.
/// @throws RecipeError, each message "zoo.txt:7: …"
std::vector<Recipe> read_zoo(const std::filesystem::path& path);

/// The same from text; `folder` is what relative paths are relative to, `shown_name` stands in messages.
std::vector<Recipe> parse_zoo(const std::string& text, const std::filesystem::path& folder,
                              const std::string& shown_name);

} // namespace fa::training
