#include "models/torch_file/array.hpp"

#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"
#include "models/torch_file/storage.hpp"

#include <span>

namespace fa::models::torch_file {
namespace {

using pickle::Id;
using pickle::Kind;
using pickle::Objects;

/// The items of a call's arguments or state; empty where there is no tuple.
std::span<const Id> items_of(const Objects& objects, Id call, pickle::CallSlot slot)
{
    const auto& given = objects[objects[call].items()[slot]];
    return given.is(Kind::tuple) ? std::span<const Id>(given.items()) : std::span<const Id>{};
}

/// "f4" and "<" of numpy.dtype("f4", False, True) with the state (3, "<", …).
Dtype dtype_of_array(const Objects& objects, Id id)
{
    if (objects.callable_name(id) != "numpy.dtype")
        throw CheckpointError("its dtype is " + objects.described(id));
    const auto name = items_of(objects, id, pickle::arguments);
    const auto state = items_of(objects, id, pickle::state);
    const bool wide = !name.empty() && objects.is_text(name[0], "f8");
    if (!wide && (name.empty() || !objects.is_text(name[0], "f4")))
        throw CheckpointError("its NumPy dtype is " +
                              (name.empty() ? std::string("not told") : objects.described(name[0])) +
                              "; arrays of float32 and float64 are read (.astype('float32') makes one)");
    if (state.size() < 2 || !objects.is_text(state[1], "<"))
        throw CheckpointError("its NumPy dtype has another byte order than little-endian "
                              "(.astype('<f4') makes it one)");
    return wide ? Dtype::f64 : Dtype::f32;
}

/// The bytes or text of an array's state: _codecs.encode(text, "latin1") of protocol 2.
Id data_of(const Objects& objects, Id id)
{
    if (objects[id].is(Kind::bytes))
        return id;
    if (objects.callable_name(id) == "_codecs.encode") {
        const auto given = items_of(objects, id, pickle::arguments);
        if (given.size() == 2 && objects[given[0]].is(Kind::text) && objects.is_text(given[1], "latin1"))
            return given[0];
    }
    throw CheckpointError("its elements are " + objects.described(id) + " where bytes were expected");
}

/// Steps along the axes, the last one (in Fortran order the first) being dense.
std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& shape, bool fortran)
{
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t step = 1;
    for (std::size_t k = 0; k < shape.size(); ++k) {
        const std::size_t axis = fortran ? k : shape.size() - 1 - k;
        strides[axis] = step;
        step *= shape[axis];
    }
    return strides;
}

} // namespace

bool is_array(const Objects& objects, Id id)
{
    const auto name = objects.callable_name(id);
    return name == "numpy.core.multiarray._reconstruct" || name == "numpy._core.multiarray._reconstruct";
}

StoredTensor stored_array(const Objects& objects, Id id)
{
    const auto made = items_of(objects, id, pickle::arguments);
    if (made.empty() || objects.global_name(made[0]) != "numpy.ndarray")
        throw CheckpointError("it is a NumPy array of a class of its own (np.asarray makes a plain one)");
    const auto state = items_of(objects, id, pickle::state);
    if (state.size() != 5 || !objects[state[3]].is(Kind::boolean))
        throw CheckpointError("its state is not NumPy's (version, shape, dtype, order, bytes)");
    StoredTensor tensor;
    tensor.shape = axes_of(objects, state[1], "shape");
    tensor.dtype = dtype_of_array(objects, state[2]);
    tensor.array = data_of(objects, state[4]);
    const auto bytes = tensor_bytes(tensor.dtype, tensor.shape);
    const auto written = most_array_bytes(objects, tensor.array); // as text a byte takes one or two
    if (!bytes || *bytes == 0 || *bytes > written || *bytes < written / 2)
        throw CheckpointError("its " + std::to_string(written) + " bytes are not those of an array " +
                              shown(tensor.shape));
    tensor.strides = strides_of(tensor.shape, objects[state[3]].integer() != 0);
    return tensor;
}

std::uint64_t most_array_bytes(const Objects& objects, Id array)
{
    return objects[array].text().size();
}

std::vector<std::byte> array_bytes(const Objects& objects, Id array, std::uint64_t size)
{
    const auto text = objects[array].text();
    std::vector<std::byte> bytes;
    bytes.reserve(text.size());
    const bool encoded = objects[array].is(Kind::text);
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto value = static_cast<unsigned char>(text[at]);
        if (encoded && value >= 0x80) { // U+0080 to U+00FF in UTF-8
            const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[++at]) : 0U;
            if ((value != 0xc2 && value != 0xc3) || (next & 0xc0U) != 0x80)
                throw CheckpointError("a character of a NumPy array's elements is none of a byte");
            value = static_cast<unsigned char>((value & 3U) << 6U | (next & 0x3fU));
        }
        bytes.push_back(static_cast<std::byte>(value));
    }
    if (bytes.size() != size)
        throw CheckpointError("a NumPy array has " + std::to_string(bytes.size()) +
                              " bytes where its shape wants " + std::to_string(size));
    return bytes;
}

} // namespace fa::models::torch_file
