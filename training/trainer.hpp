#pragma once
/// Training one network by a recipe.

#include "jobs/dataset.hpp"
#include "models/checkpoint.hpp"
#include "training/progress.hpp"
#include "training/recipe.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace fa::training {

/// Both splits of a data set, and the hash of its file.
struct TrainingData {
    jobs::Split train;
    jobs::Split test;
    std::int64_t classes = 0; ///< C: one more than the largest label of either split
    std::string sha256;
};

/// @throws jobs::DataError
TrainingData read_training_data(const std::filesystem::path& file);

/// Trains a network; the same recipe, data and threads give the same bits. The samples left over after the
/// last whole batch of an epoch are not visited in it: batches have one shape.
/// @returns float32 tensors of the network, `feedback.<l>` where the method records them, and the metadata
/// @throws std::invalid_argument if the data has fewer samples than one batch
models::Checkpoint train(const Recipe& recipe, const TrainingData& data, int threads,
                         const std::function<void(const EpochReport&)>& report);

/// Does the file hold what this recipe and data would give? (Its recorded recipe and data hash agree and it
/// is whole.)
bool already_trained(const std::filesystem::path& file, const Recipe& recipe, const std::string& data_sha256,
                     int threads);

} // namespace fa::training
