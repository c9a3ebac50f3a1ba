#pragma once
/// Every dataset of a run file, written down once: name, type, axes, unit, definition (design 6's table).

#include "store/run_file.hpp"

#include <span>
#include <string_view>

namespace fa::store {

struct DatasetDefinition {
    std::string_view name; ///< "gamma/train"
    Element element;
    std::string_view axes;       ///< "sample layer": attribute `axes`
    std::string_view unit;       ///< attribute `unit`; "1" for pure numbers
    std::string_view definition; ///< attribute `definition`, one sentence
};

/// In the order in which a run file is written.
std::span<const DatasetDefinition> run_datasets();
/// @throws std::out_of_range
const DatasetDefinition& dataset_definition(std::string_view name);
/// Shape of a dataset in a run with these attributes (batch, draw, sample, layer, class, bin, test_sample
/// axes).
/// @throws std::invalid_argument if a size is negative
std::vector<std::uint64_t> shape_of(const DatasetDefinition&, const RunAttributes&);

} // namespace fa::store
