#pragma once
/// The datasets of a tensors file (docs/tensors.md), opened; their shapes hold together.

#include "jobs/data/hdf5_array.hpp"
#include "store/hdf5.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fa::jobs::data {

class TensorArrays {
  public:
    /// @param shown       how messages call the file
    /// @param file_bytes  no dataset has more of them
    /// @throws DataError, store::StoreError naming what is missing or misshapen
    TensorArrays(store::Handle file, std::string shown, std::uint64_t file_bytes);

    bool contains(const std::string& name) const { return arrays_.contains(name); }
    /// @throws DataError if the file has none of that name
    const Hdf5Array& at(const std::string& name) const;

    const std::vector<std::int64_t>& widths() const { return widths_; }
    double gradient_factor() const { return gradient_factor_; }
    const std::map<std::string, std::string>& metadata() const { return metadata_; }

  private:
    std::string shown_;
    store::Handle file_;
    std::uint64_t file_bytes_;
    std::map<std::string, Hdf5Array> arrays_;
    std::vector<std::int64_t> widths_;
    double gradient_factor_ = 1;
    std::map<std::string, std::string> metadata_;

    using Sizes = std::vector<std::uint64_t>;

    void read_attributes();
    void open_arrays();
    /// Opens a dataset of this shape; 0 stands for any size.
    const Hdf5Array& open(const std::string& name, const Sizes& wanted,
                          Hdf5Array::Numbers numbers = Hdf5Array::Numbers::floats);
    /// Opens group/0 … group/L, each [samples, d_l].
    void open_layers(const std::string& group, std::uint64_t samples);
    bool has(const std::string& name) const { return store::has_link(file_, name); }
};

/// "gradient/2"
std::string layer_name(const std::string& group, std::size_t layer);

} // namespace fa::jobs::data
