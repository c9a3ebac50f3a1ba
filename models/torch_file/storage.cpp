#include "models/torch_file/storage.hpp"

#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"

namespace fa::models::torch_file {
namespace {

using pickle::Id;
using pickle::Kind;
using pickle::Objects;

/// Of "torch.FloatStorage", "torch.cuda.FloatStorage"; none for an untyped one.
std::optional<Dtype> dtype_of_class(const std::string& name)
{
    for (const std::string module : {"torch.", "torch.cuda.", "torch.storage."}) {
        if (!name.starts_with(module))
            continue;
        const auto plain = name.substr(module.size());
        if (plain == "UntypedStorage" || plain == "_UntypedStorage")
            return std::nullopt;
        if (const auto dtype = dtype_of_storage(plain))
            return dtype;
    }
    throw CheckpointError("a storage of class " + shown(name) +
                          " (only plain numbers are read: no quantized ones, no classes of others)");
}

/// ('storage', class, key, location, elements[, view of it])
const std::vector<Id>* fields_of(const Objects& objects, Id id)
{
    if (!objects[id].is(Kind::persistent))
        return nullptr;
    const auto& fields = objects[objects[id].items()[0]];
    if (!fields.is(Kind::tuple) || fields.items().empty() || !objects.is_text(fields.items()[0], "storage"))
        return nullptr;
    return &fields.items();
}

/// Files of before PyTorch 1.6: (key of the view, first element, elements).
void apply_view(const Objects& objects, Id id, StorageReference& storage)
{
    const auto& view = objects[id];
    if (view.is(Kind::none))
        return;
    if (!view.is(Kind::tuple) || view.items().size() != 3)
        throw CheckpointError("a view of a storage is not (key, offset, size)");
    storage.first = count_of(objects, view.items()[1], "a view's offset");
    const auto elements = count_of(objects, view.items()[2], "a view's size");
    if (storage.first > storage.elements || elements > storage.elements - storage.first)
        throw CheckpointError("a view reaches beyond its storage of " + std::to_string(storage.elements));
    storage.elements = elements;
}

} // namespace

bool is_storage(const Objects& objects, Id id)
{
    return fields_of(objects, id) != nullptr;
}

StorageReference storage_reference(const Objects& objects, Id id)
{
    const auto* fields = fields_of(objects, id);
    if (fields == nullptr || fields->size() < 5 || fields->size() > 6)
        throw CheckpointError(objects.described(id) +
                              " where ('storage', class, key, location, size) was expected");
    const auto name = objects.global_name((*fields)[1]);
    if (name.empty())
        throw CheckpointError("a storage whose class is " + objects.described((*fields)[1]));
    const auto& key = objects[(*fields)[2]];
    if (!key.is(Kind::text) && !key.is(Kind::bytes))
        throw CheckpointError("a storage whose key is " + objects.described((*fields)[2]));
    StorageReference storage{.key = std::string(key.text()),
                             .dtype = dtype_of_class(name),
                             .elements = count_of(objects, (*fields)[4], "a storage's size")};
    if (fields->size() == 6)
        apply_view(objects, (*fields)[5], storage);
    return storage;
}

std::uint64_t count_of(const Objects& objects, Id id, const char* what)
{
    const auto& object = objects[id];
    if (!object.is(Kind::integer) || object.integer() < 0)
        throw CheckpointError(std::string(what) + " is " + objects.described(id) +
                              " where an integer from 0 was expected");
    return static_cast<std::uint64_t>(object.integer());
}

} // namespace fa::models::torch_file
