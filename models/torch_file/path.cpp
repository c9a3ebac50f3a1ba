/// Paths into the object, and what messages say of it.
#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"
#include "models/torch_file/contents.hpp"
#include "models/torch_file/keys.hpp"

#include <charconv>
#include <optional>

namespace fa::models::torch_file {
namespace {

using pickle::Id;
using pickle::Kind;
using pickle::Objects;

constexpr std::size_t most_listed = 12;

/// A step into a dict by the longest key that the path begins with; the rest of the path stays.
std::optional<Id> step_by_key(const Objects& objects, Id dict, std::string_view& path)
{
    std::optional<Id> found;
    std::size_t longest = 0;
    for (const auto& [key, value] : objects.entries_of(dict)) {
        const auto name = key_name(objects, key);
        const bool begins =
            name && path.starts_with(*name) && (path.size() == name->size() || path[name->size()] == '.');
        if (begins && (!found || name->size() > longest)) {
            found = value;
            longest = name->size();
        }
    }
    if (found)
        path.remove_prefix(std::min(longest + 1, path.size()));
    return found;
}

std::optional<Id> step_by_number(const std::vector<Id>& elements, std::string_view& path)
{
    std::size_t index = elements.size();
    const auto [end, problem] = std::from_chars(path.data(), path.data() + path.size(), index);
    const auto digits = static_cast<std::size_t>(end - path.data());
    const bool whole = digits == path.size() || path[digits] == '.';
    if (problem != std::errc() || !whole || index >= elements.size())
        return std::nullopt;
    path.remove_prefix(std::min(digits + 1, path.size()));
    return elements[index];
}

/// The object that a path leads to; `rest` is what of it could not be followed.
Id follow(const Container& file, std::string_view& rest)
{
    const auto& objects = file.pickle().objects;
    Id here = file.pickle().root;
    while (!rest.empty()) {
        const auto& object = objects[here];
        const bool numbered = object.is(Kind::list) || object.is(Kind::tuple);
        const auto next = numbered ? step_by_number(object.items(), rest) : step_by_key(objects, here, rest);
        if (!next)
            break;
        here = *next;
    }
    return here;
}

/// The class of an instance. Before PyTorch 1.6 it is a reference with its source: ('module', class, file,
/// text).
std::string class_name(const Objects& objects, Id instance)
{
    const Id callable = objects[instance].items()[pickle::callable];
    if (!objects[callable].is(Kind::persistent))
        return objects.global_name(callable);
    const auto& reference = objects[objects[callable].items()[0]];
    const bool has_class = reference.is(Kind::tuple) && reference.items().size() > 1;
    return has_class ? objects.global_name(reference.items()[1]) : std::string();
}

} // namespace

Id object_at(const Container& file, const std::string& path)
{
    std::string_view rest = path;
    const auto& objects = file.pickle().objects;
    const Id reached = follow(file, rest);
    if (rest.empty())
        return reached;
    const auto done = std::string_view(path).substr(0, path.size() - rest.size());
    throw CheckpointError("the file has no " + shown(path) + "; " +
                          (done.empty() ? "it" : shown(done.substr(0, done.size() - 1))) + " is " +
                          listed(objects, reached));
}

std::optional<Id> find_object(const Container& file, const std::string& path)
{
    std::string_view rest = path;
    const Id reached = follow(file, rest);
    return rest.empty() ? std::optional(reached) : std::nullopt;
}

std::optional<std::string> key_name(const Objects& objects, Id key)
{
    const auto& object = objects[key];
    if (object.is(Kind::integer))
        return std::to_string(object.integer());
    if ((object.is(Kind::text) || object.is(Kind::bytes)) && !object.text().empty())
        return std::string(object.text());
    return std::nullopt;
}

std::string described(const Objects& objects, Id id)
{
    if (is_tensor(objects, id))
        return "a tensor";
    if (is_module(objects, id))
        return "a whole pickled module (" + shown(class_name(objects, id)) + ")";
    return objects.described(id);
}

std::string listed(const Objects& objects, Id id)
{
    auto text = described(objects, id);
    std::size_t count = 0;
    const auto entries = objects.entries_of(id);
    for (const auto& [key, value] : entries) {
        if (++count > most_listed)
            break;
        text += (count == 1 ? ": " : ", ") + shown(key_name(objects, key).value_or(described(objects, key))) +
                " (" + described(objects, value) + ")";
    }
    return text + (entries.size() > most_listed ? ", …" : "");
}

bool is_module(const Objects& objects, Id id)
{
    if (!objects[id].is(Kind::call))
        return false;
    const auto& attributes = objects[objects[id].items()[pickle::state]];
    if (!attributes.is(Kind::dict))
        return false;
    const auto& items = attributes.items();
    for (std::size_t i = 0; i + 1 < items.size() && i < 100; i += 2)
        if (objects.is_text(items[i], "_parameters") || objects.is_text(items[i], "_modules"))
            return true;
    return false;
}

} // namespace fa::models::torch_file
