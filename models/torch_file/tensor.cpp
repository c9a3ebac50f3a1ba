#include "models/torch_file/tensor.hpp"

#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"
#include "models/torch_file/array.hpp"
#include "models/torch_file/storage.hpp"

#include <optional>
#include <span>

namespace fa::models::torch_file {
namespace {

using pickle::Id;
using pickle::Kind;
using pickle::Objects;

constexpr std::size_t most_axes = 64;

/// A function of torch that makes tensors, and what it would be called with.
struct Rebuild {
    std::string function;          ///< "_rebuild_tensor_v2"; empty where there is none
    std::span<const Id> arguments; ///< of the objects, never copied: one tuple may serve many calls
};

Rebuild rebuild_of(const Objects& objects, Id function, Id arguments)
{
    const auto name = objects.global_name(function);
    for (const std::string module : {"torch._utils.", "torch._tensor.", "torch.tensor."})
        if (name.starts_with(module + "_rebuild") && objects[arguments].is(Kind::tuple))
            return {name.substr(module.size()), objects[arguments].items()};
    return {};
}

/// What makes the tensor itself, inside of what makes it a parameter or an object of a subclass.
Rebuild innermost(const Objects& objects, Id id)
{
    constexpr int deepest = 8;
    Rebuild rebuild;
    for (int depth = 0; depth < deepest; ++depth) {
        if (rebuild.function == "_rebuild_from_type" || rebuild.function == "_rebuild_from_type_v2") {
            if (rebuild.arguments.size() < 3)
                return {};
            rebuild = rebuild_of(objects, rebuild.arguments[0], rebuild.arguments[2]);
            continue;
        }
        if (rebuild.function == "_rebuild_parameter" || rebuild.function == "_rebuild_parameter_with_state") {
            if (rebuild.arguments.empty())
                return {};
            id = rebuild.arguments[0];
        } else if (depth > 0) {
            return rebuild;
        }
        if (!objects[id].is(Kind::call))
            return {};
        const auto& slots = objects[id].items();
        rebuild = rebuild_of(objects, slots[pickle::callable], slots[pickle::arguments]);
    }
    return {};
}

/// torch.float8_e4m3fn, the argument that says what an untyped storage holds.
Dtype dtype_argument(const Objects& objects, Id id)
{
    const auto name = objects.global_name(id);
    const auto dtype =
        name.starts_with("torch.") ? dtype_of_torch(std::string_view(name).substr(6)) : std::nullopt;
    if (!dtype)
        throw CheckpointError("its dtype is " + objects.described(id) + ", which is not read");
    return *dtype;
}

/// Conjugated or negated tensors are stored before that is done to them.
void refuse_lazy_bits(const Objects& objects, std::span<const Id> arguments, std::size_t metadata)
{
    constexpr std::size_t most_items = 8;
    if (metadata >= arguments.size())
        return;
    const auto& given = objects[arguments[metadata]];
    if (given.is(Kind::dict) && given.items().size() > most_items)
        throw CheckpointError("its metadata are " + objects.described(arguments[metadata]));
    for (const auto& [key, value] : objects.entries_of(arguments[metadata]))
        if (objects[value].is(Kind::boolean) && objects[value].integer() != 0)
            throw CheckpointError("it is stored with " + objects.described(key) +
                                  " still to be done to it; save .resolve_conj().resolve_neg()");
}

/// Number of the last element in the storage; nothing beyond 2^63.
std::optional<std::int64_t> last_element(const StoredTensor& tensor)
{
    std::int64_t last = tensor.first;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
        std::int64_t reach = 0;
        if (__builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &reach) ||
            __builtin_add_overflow(last, reach, &last))
            return std::nullopt;
    }
    return last;
}

void check_inside(const StoredTensor& tensor, std::uint64_t elements)
{
    const auto described = "shape " + shown(tensor.shape) + ", strides " + shown(tensor.strides) +
                           " and offset " + std::to_string(tensor.first);
    const auto bytes = tensor_bytes(tensor.dtype, tensor.shape);
    if (!bytes)
        throw CheckpointError(described + " are more than 2^63 bytes");
    if (*bytes == 0)
        return;
    const auto last = last_element(tensor);
    if (!last || static_cast<std::uint64_t>(*last) >= elements)
        throw CheckpointError(described + " reach beyond its storage " + shown(tensor.storage) + " of " +
                              std::to_string(elements) + " elements");
    if (*bytes / element_bytes(tensor.dtype) > elements)
        throw CheckpointError(described + " count the " + std::to_string(elements) +
                              " elements of its storage more than once (expanded? save .contiguous())");
}

StoredTensor dense_tensor(const Container& file, const Rebuild& rebuild)
{
    const auto& objects = file.pickle().objects;
    const auto& given = rebuild.arguments;
    const bool states_dtype = rebuild.function == "_rebuild_tensor_v3";
    if (given.size() < (states_dtype ? 7U : 4U))
        throw CheckpointError(rebuild.function + " has " + std::to_string(given.size()) + " arguments");
    const auto storage = storage_reference(objects, given[0]);
    StoredTensor tensor;
    if (states_dtype)
        tensor.dtype = dtype_argument(objects, given[6]);
    else if (storage.dtype)
        tensor.dtype = *storage.dtype;
    else
        throw CheckpointError("its storage has no type");
    tensor.storage = storage.key;
    tensor.shape = axes_of(objects, given[2], "size");
    tensor.strides = axes_of(objects, given[3], "stride");
    if (tensor.shape.size() != tensor.strides.size())
        throw CheckpointError("its size " + shown(tensor.shape) + " and its strides " +
                              shown(tensor.strides) + " differ in length");
    refuse_lazy_bits(objects, given, states_dtype ? 7 : 6);

    // Counted in the tensor's elements. A view's first element is one of the storage's, which are as wide:
    // views are older than tensors that state their own type.
    const auto stored = file.storage_bytes(storage.key);
    if (storage.elements > stored / storage.element_bytes())
        throw CheckpointError("its storage " + shown(storage.key) + " should have " +
                              std::to_string(storage.elements) + " elements, but the file has " +
                              std::to_string(stored) + " bytes of it");
    const auto offset = count_of(objects, given[1], "its offset");
    std::int64_t first = 0;
    if (__builtin_add_overflow(offset, storage.first, &first))
        throw CheckpointError("its offset is beyond 2^63");
    tensor.first = first;
    const auto end = storage.first + storage.elements;
    check_inside(tensor, end * storage.element_bytes() / element_bytes(tensor.dtype));
    return tensor;
}

} // namespace

std::vector<std::int64_t> axes_of(const Objects& objects, Id id, const char* what)
{
    if (objects.callable_name(id) == "torch.Size") {
        const auto& given = objects[objects[id].items()[pickle::arguments]].items();
        id = given.size() == 1 ? given[0] : id;
    }
    const auto& axes = objects[id];
    if (!axes.is(Kind::tuple) && !axes.is(Kind::list))
        throw CheckpointError(std::string("its ") + what + " is " + objects.described(id));
    if (axes.items().size() > most_axes)
        throw CheckpointError(std::string("its ") + what + " has " + std::to_string(axes.items().size()) +
                              " axes; " + std::to_string(most_axes) + " are the most");
    std::vector<std::int64_t> numbers;
    for (const Id axis : axes.items())
        numbers.push_back(static_cast<std::int64_t>(count_of(objects, axis, what)));
    return numbers;
}

bool is_tensor(const Objects& objects, Id id)
{
    return !innermost(objects, id).function.empty();
}

StoredTensor stored_tensor(const Container& file, Id id, const std::string& name)
{
    try {
        if (is_array(file.pickle().objects, id))
            return stored_array(file.pickle().objects, id);
        const auto rebuild = innermost(file.pickle().objects, id);
        if (rebuild.function.empty())
            throw CheckpointError(file.pickle().objects.described(id) + " where a tensor was expected");
        if (rebuild.function != "_rebuild_tensor" && rebuild.function != "_rebuild_tensor_v2" &&
            rebuild.function != "_rebuild_tensor_v3")
            throw CheckpointError(
                "it is made by torch's " + rebuild.function +
                "; only dense tensors of plain numbers are read (no quantized, sparse or meta "
                "ones)");
        return dense_tensor(file, rebuild);
    } catch (const CheckpointError& error) {
        throw CheckpointError("tensor " + shown(name) + ": " + error.what());
    }
}

} // namespace fa::models::torch_file
