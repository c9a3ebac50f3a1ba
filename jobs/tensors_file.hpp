#pragma once
/// model=tensors: what another framework measured of a network, as HDF5 (docs/tensors.md).

#include "jobs/data_error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fa::jobs {

namespace data {
class TensorArrays;
}

/// An opened file whose shapes hold together; rows are read when they are asked for. Every function throws
/// DataError naming file, dataset and what would be right.
class TensorsFile {
  public:
    explicit TensorsFile(const std::filesystem::path& file);
    /// The same of a file in memory.
    /// @param shown  how messages call it
    TensorsFile(std::span<const std::byte> image, const std::string& shown);
    ~TensorsFile();
    TensorsFile(TensorsFile&&) noexcept;
    TensorsFile& operator=(TensorsFile&&) noexcept;

    std::int64_t samples() const;             ///< S
    std::int64_t classes() const;             ///< C
    std::vector<std::int64_t> widths() const; ///< d_0 … d_L
    std::int64_t test_samples() const;        ///< of `correct`; 0 where there is none

    bool has_hidden_states() const; ///< else it has their norms
    bool has_credit() const;
    bool has_loss() const;

    /// What its gradients are to be multiplied by, so that they are those of each sample's own loss.
    double gradient_factor() const;
    /// Text attributes beside the schema's own: method, seed, credit, feedback_sha256, …
    const std::map<std::string, std::string>& metadata() const;

    /// Rows [first, first + count) of a dataset, row major: "error" [count, C], "gradient/2" [count, d_2],
    /// "hidden_norm" [count, L+1], "loss" [count].
    std::vector<double> rows(const std::string& dataset, std::int64_t first, std::int64_t count) const;
    /// Classes of all samples, 0 … C − 1.
    std::vector<std::int64_t> labels() const;
    /// 1 where right, 0 where wrong, [test samples].
    std::vector<std::uint8_t> correct() const;

    /// A feedback matrix as it is stored, row major.
    struct Matrix {
        std::vector<double> values;
        std::int64_t rows = 0, columns = 0;
    };
    /// feedback.<l> → matrix, of all the file has.
    std::map<std::string, Matrix> feedback() const;

  private:
    std::unique_ptr<data::TensorArrays> arrays_;
};

} // namespace fa::jobs
