#pragma once
/// What a checkpoint of fa-train says about itself.

#include "models/checkpoint.hpp"
#include "models/resmlp.hpp"
#include "training/recipe.hpp"
#include "training/rule.hpp"

#include <ATen/ATen.h>

#include <string>
#include <vector>

namespace fa::training {

/// The feedback matrices of a run and what is recorded of them; all empty where its method has none.
struct Feedback {
    std::vector<at::Tensor> matrices; ///< B_0 … B_L, float32: [d, C], in fa's chain [d, d] below L
    std::vector<double> std;          ///< standard deviation of the entries by layer: 1/√columns
};

/// B_l ~ (0, 1/columns), from the recipe's feedback seed: what `seed:N` regenerates.
Feedback make_feedback(const Recipe& recipe, std::int64_t classes);

/// The network's tensors, the rule's own, its feedback matrices and the metadata of design 11's zoo.
models::Checkpoint make_record(const Recipe& recipe, const models::ResMlp& network, const LearningRule& rule,
                               const Feedback& feedback, const std::string& data_sha256, int threads);

} // namespace fa::training
