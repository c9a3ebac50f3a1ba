#include "store/elements.hpp"

#include <bit>

namespace fa::store {

static_assert(std::endian::native == std::endian::little, "run files are written as memory holds them");

hid_t hdf5_type(Element element)
{
    switch (element) {
    case Element::u8:
        return H5T_STD_U8LE;
    case Element::i64:
        return H5T_STD_I64LE;
    case Element::u64:
        return H5T_STD_U64LE;
    case Element::f32:
        return H5T_IEEE_F32LE;
    case Element::f64:
        return H5T_IEEE_F64LE;
    }
    throw StoreError("an element type that no run file has");
}

std::uint64_t row_elements(const Slab& slab)
{
    std::uint64_t count = 1;
    for (std::size_t axis = 1; axis < slab.shape.size(); ++axis) {
        count *= slab.shape[axis];
    }
    return count;
}

void check_slab(const Slab& slab, const RunAttributes& run, const std::string& where)
{
    const DatasetDefinition& definition = dataset_definition(slab.dataset);
    const std::string what = where + ": dataset '" + slab.dataset + "'";
    if (slab.shape != shape_of(definition, run)) {
        throw StoreError(what + " doesn't have the shape of its axes (" + std::string(definition.axes) + ")");
    }
    if (slab.first_row > slab.shape[0] || slab.rows > slab.shape[0] - slab.first_row) {
        throw StoreError(what + ": rows " + std::to_string(slab.first_row) + " + " +
                         std::to_string(slab.rows) + " are beyond its " + std::to_string(slab.shape[0]));
    }
    const std::uint64_t expected = slab.rows * row_elements(slab) * size_of(definition.element);
    if (slab.bytes.size() != expected) {
        throw StoreError(what + ": " + std::to_string(slab.bytes.size()) + " bytes for rows that take " +
                         std::to_string(expected));
    }
}

} // namespace fa::store
