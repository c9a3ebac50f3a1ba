#pragma once
/// How the elements of a run file's datasets lie in file and memory.

#include "store/hdf5.hpp"
#include "store/run_file.hpp"
#include "store/schema.hpp"

namespace fa::store {

/// The type in the file, which is also the type in memory: a conversion would turn a collective transfer into
/// independent ones (HDF5 does so silently).
hid_t hdf5_type(Element element);

/// Elements in one row (one index of the first axis).
std::uint64_t row_elements(const Slab& slab);

/// Finds a caller's mistake before a file is touched: a shape that is not the run's, rows beyond the end,
/// bytes that don't fit the rows.
/// @throws StoreError naming the dataset
void check_slab(const Slab& slab, const RunAttributes& run, const std::string& where);

} // namespace fa::store
