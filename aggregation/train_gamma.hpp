#pragma once
#include "aggregation/gamma_view.hpp"
#include "store/reader.hpp"

#include <vector>

namespace fa::aggregation {

/// Γ at the training feedback, as a run file holds it; everything is empty where the run has none.
struct TrainGamma {
    std::int64_t batches = 0, batch_size = 0, layers = 0;
    std::vector<double> samples;        ///< [S, L+1]
    std::vector<double> centered;       ///< [S, L+1]
    std::vector<double> batchvec, flat; ///< [batches, L+1]
    std::vector<double> concat;         ///< [S]

    bool exists() const { return !samples.empty(); }
    /// Valid as long as this object is.
    GammaView view() const;
};

/// @throws store::StoreError
TrainGamma read_train_gamma(const store::RunReader& run);

/// A column of a row-major table [rows, columns].
std::vector<double> column(const std::vector<double>& table, std::size_t columns, std::size_t index);

} // namespace fa::aggregation
