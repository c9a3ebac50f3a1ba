#pragma once
/// What fa-train tells while it trains.

#include "training/recipe.hpp"

#include <cstdint>
#include <string>

namespace fa::training {

/// How an epoch went.
struct EpochReport {
    std::int64_t epoch = 0;    ///< from 1
    double loss = 0;           ///< mean cross entropy of the training samples as they were visited
    double train_accuracy = 0; ///< likewise, a fraction
    double test_accuracy = 0;  ///< on the whole test split after the epoch, a fraction
    double learning_rate = 0;  ///< of its last step
    double seconds = 0;
};

/// One line, without its end: the run's name leads, since under mpirun the lines of several runs mix.
std::string progress_line(const Recipe& recipe, const EpochReport& report);

} // namespace fa::training
