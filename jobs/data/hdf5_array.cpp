#include "jobs/data/hdf5_array.hpp"

#include "jobs/data/believed.hpp"

#include <algorithm>
#include <limits>

namespace fa::jobs::data {
namespace {

using store::check;
using store::Handle;

/// What lies elsewhere the file's hash would not cover, and it could be any file of this machine.
void refuse_numbers_elsewhere(const Handle& dataset, const std::string& where)
{
    const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose, where);
    const bool is_virtual = H5Pget_layout(creation.get()) == H5D_VIRTUAL;
    if (is_virtual || check(H5Pget_external_count(creation.get()), where) > 0) {
        throw DataError(where + " keeps its numbers in other files; they must lie in its own");
    }
}

/// What isn't cut into chunks takes its full size, or nothing where it was never written; HDF5 reads beyond a
/// shorter one.
void refuse_partial_storage(const Handle& dataset, const ArrayHeader& header)
{
    const Handle creation(H5Dget_create_plist(dataset.get()), H5Pclose, header.where);
    const std::uint64_t stored = H5Dget_storage_size(dataset.get());
    const auto layout = H5Pget_layout(creation.get());
    if (layout == H5D_CHUNKED || (layout == H5D_CONTIGUOUS && stored == 0)) {
        return;
    }
    std::uint64_t whole = header.element_bytes;
    for (const std::uint64_t size : header.sizes) {
        if (size != 0 && whole > stored / size) { // also where the product would overflow
            whole = std::numeric_limits<std::uint64_t>::max();
            break;
        }
        whole *= size;
    }
    if (whole != stored) {
        throw DataError(header.where + " of shape " + shape_text(header.sizes) + " doesn't fit the " +
                        std::to_string(stored) + " bytes that the file has for it (damaged?)");
    }
}

} // namespace

Hdf5Array::Hdf5Array(const Handle& file, const std::string& shown, const std::string& name,
                     std::uint64_t file_bytes)
    : dataset_(store::open_dataset(file, name, shown))
{
    header_.where = shown + ": dataset '" + name + "'";
    type_ = Handle(H5Dget_type(dataset_.get()), H5Tclose, header_.where);
    header_.sizes = store::dimensions(dataset_, header_.where);
    header_.element_bytes = H5Tget_size(type_.get());
    header_.stored_bytes = std::min<std::uint64_t>(H5Dget_storage_size(dataset_.get()), file_bytes);
    refuse_numbers_elsewhere(dataset_, header_.where);
    refuse_partial_storage(dataset_, header_);
}

Hdf5Array::Numbers Hdf5Array::numbers() const
{
    switch (H5Tget_class(type_.get())) {
    case H5T_INTEGER:
        return Numbers::integers;
    case H5T_FLOAT:
        return Numbers::floats;
    default:
        return Numbers::other;
    }
}

bool Hdf5Array::are_bytes() const
{
    return numbers() == Numbers::integers && H5Tget_size(type_.get()) == 1 &&
           H5Tget_sign(type_.get()) == H5T_SGN_NONE;
}

void Hdf5Array::read_rows(std::uint64_t first, std::uint64_t count, hid_t memory_type, void* into) const
{
    std::vector<hsize_t> start(header_.sizes.size(), 0);
    std::vector<hsize_t> block(header_.sizes.begin(), header_.sizes.end());
    start.at(0) = first;
    block.at(0) = count;
    const Handle space(H5Dget_space(dataset_.get()), H5Sclose, header_.where);
    check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, block.data(), nullptr),
          header_.where);
    const Handle memory(H5Screate_simple(static_cast<int>(block.size()), block.data(), nullptr), H5Sclose,
                        header_.where);
    check(H5Dread(dataset_.get(), memory_type, memory.get(), space.get(), H5P_DEFAULT, into), header_.where);
}

} // namespace fa::jobs::data
