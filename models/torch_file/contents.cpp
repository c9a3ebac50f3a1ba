#include "models/torch_file/contents.hpp"

#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"
#include "models/torch_file/array.hpp"
#include "models/torch_file/keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace fa::models::torch_file {
namespace {

using pickle::Id;
using pickle::Kind;
using pickle::Objects;

constexpr std::array<std::string_view, 7> usual_names = {
    "state_dict", "model", "model_state_dict", "net", "network", "weights", "params"};
constexpr std::size_t longest_metadata = 4096;

/// A dict inside of another.
struct Candidate {
    std::string name;
    Id id;
};

bool is_sequence(const Objects& objects, Id id)
{
    return objects[id].is(Kind::list) || objects[id].is(Kind::tuple);
}

/// Whether a dict has tensors by name.
bool holds_tensors(const Objects& objects, Id id)
{
    return std::ranges::any_of(objects.entries_of(id), [&](const auto& entry) {
        return key_name(objects, entry.first) && is_tensor(objects, entry.second);
    });
}

/// Dicts of tensors among the values of a dict; what an optimizer keeps is none. Every dict is looked at
/// once.
std::vector<Candidate> candidates_in(const Objects& objects, Id dict)
{
    std::vector<Candidate> found;
    std::set<Id> seen;
    for (const auto& [key, value] : objects.entries_of(dict)) {
        const auto name = key_name(objects, key);
        const bool optimizer = name && name->find("optim") != std::string::npos;
        if (name && !optimizer && objects.is_dict(value) && seen.insert(value).second &&
            holds_tensors(objects, value))
            found.push_back({*name, value});
    }
    return found;
}

[[noreturn]] void refuse_choice(const std::vector<Candidate>& candidates, const std::string& part)
{
    std::string names;
    for (const auto& candidate : candidates)
        names += (names.empty() ? "" : ", ") + shown(candidate.name);
    throw CheckpointError("it holds several dicts of tensors: " + names +
                          "; say which, as in checkpoint=FILE:" + (part.empty() ? "" : part + ".") +
                          candidates.front().name);
}

/// Paths to the dicts of tensors that lie deeper in a dict or list than a choice looks; the first few.
void add_deeper(const Objects& objects, Id id, const std::string& path, std::set<Id>& seen,
                std::vector<std::string>& found)
{
    constexpr std::size_t deepest = 200; // characters: a path is there to be typed
    constexpr std::size_t most_found = 6;
    constexpr std::size_t most_seen = 10'000;
    const auto look = [&](const std::string& name, Id value) {
        const auto longer = path + (path.empty() ? "" : ".") + name;
        if (found.size() >= most_found || seen.size() >= most_seen || longer.size() > deepest ||
            name.find("optim") != std::string::npos || !seen.insert(value).second)
            return;
        if (objects.is_dict(value) && holds_tensors(objects, value))
            found.push_back(longer);
        else
            add_deeper(objects, value, longer, seen, found);
    };
    for (const auto& [key, value] : objects.entries_of(id))
        if (const auto name = key_name(objects, key))
            look(*name, value);
    if (is_sequence(objects, id))
        for (std::size_t i = 0; i < objects[id].items().size(); ++i)
            look(std::to_string(i), objects[id].items()[i]);
}

/// " (checkpoint=FILE:best.model)" where a part of the object would do, else nothing.
std::string parts_that_would_do(const Objects& objects, Id id, const std::string& part)
{
    std::set<Id> seen{id};
    std::vector<std::string> found;
    add_deeper(objects, id, part, seen, found);
    std::string text;
    for (const auto& path : found)
        text += (text.empty() ? "; its parts " : ", ") + shown(path);
    return found.empty() ? text : text + " are such dicts: say which, as in checkpoint=FILE:" + found.front();
}

void refuse_module(const Objects& objects, Id id)
{
    if (is_module(objects, id))
        throw CheckpointError(described(objects, id) +
                              " can only be loaded by running its Python code; save its tensors alone: "
                              "torch.save(model.state_dict(), …)");
}

/// The dict whose tensors are the network's (see network_contents).
Id chosen_dict(const Objects& objects, Id id, const std::string& part)
{
    refuse_module(objects, id);
    if (!objects.is_dict(id))
        throw CheckpointError((part.empty() ? "it" : shown(part)) + " is " + listed(objects, id) +
                              " where a dict of tensors (a state_dict) was expected" +
                              parts_that_would_do(objects, id, part));
    auto candidates = candidates_in(objects, id);
    const bool has_tensors = holds_tensors(objects, id);
    const auto unusual = [](const Candidate& candidate) {
        return std::ranges::find(usual_names, candidate.name) == usual_names.end();
    };
    if (candidates.size() > 1 || has_tensors) {
        auto usual = candidates;
        std::erase_if(usual, unusual);
        if (usual.size() == 1)
            return usual.front().id;
    }
    for (const auto& [key, value] : objects.entries_of(id))
        if (const auto name = key_name(objects, key); name && !unusual({*name, value}))
            refuse_module(objects, value);
    if (has_tensors)
        return id;
    if (candidates.size() > 1)
        refuse_choice(candidates, part);
    if (!candidates.empty())
        return candidates.front().id;
    for (const auto& entry : objects.entries_of(id))
        refuse_module(objects, entry.second);
    throw CheckpointError((part.empty() ? "it" : shown(part)) + " holds no tensors by name: it is " +
                          listed(objects, id) + parts_that_would_do(objects, id, part));
}

/// A number, a flag or a short text, as text.
std::optional<std::string> scalar_text(const Objects& objects, Id id)
{
    const auto& object = objects[id];
    switch (object.kind()) {
    case Kind::boolean:
        return object.integer() != 0 ? "true" : "false";
    case Kind::integer:
        return std::to_string(object.integer());
    case Kind::real: {
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), object.real()).ptr;
        return std::string(digits.data(), end);
    }
    case Kind::text:
    case Kind::bytes:
        if (object.text().size() <= longest_metadata)
            return std::string(object.text());
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

void add_metadata(const Objects& objects, Id dict, std::map<std::string, std::string>& metadata)
{
    for (const auto& [key, value] : objects.entries_of(dict)) {
        const auto name = key_name(objects, key);
        if (const auto text = scalar_text(objects, value); name && text)
            metadata[*name] = *text;
    }
}

/// Whether feedback can be: a tensor, or a NumPy array. In a network's dict arrays are passed over: they are
/// histories and the like.
bool is_matrix(const Objects& objects, Id id)
{
    return is_tensor(objects, id) || is_array(objects, id);
}

template <typename Wanted>
std::vector<NamedTensor> tensors_in(const Container& file, Id dict, const Wanted& is_wanted)
{
    const auto& objects = file.pickle().objects;
    std::vector<NamedTensor> tensors;
    std::set<std::string> names;
    for (const auto& [key, value] : objects.entries_of(dict)) {
        const auto name = key_name(objects, key);
        if (!name || !is_wanted(objects, value))
            continue;
        if (!names.insert(*name).second)
            throw CheckpointError("tensor " + shown(*name) + " is there twice");
        tensors.push_back({*name, stored_tensor(file, value, *name)});
    }
    return tensors;
}

} // namespace

bool is_dict_of_arrays(const Objects& objects, Id id)
{
    return !holds_tensors(objects, id) && std::ranges::any_of(objects.entries_of(id), [&](const auto& entry) {
        return key_name(objects, entry.first) && is_array(objects, entry.second);
    });
}

Contents network_contents(const Container& file, const std::string& part)
{
    const auto& objects = file.pickle().objects;
    const auto dict = chosen_dict(objects, object_at(file, part), part);
    Contents contents;
    add_metadata(objects, file.pickle().root, contents.metadata);
    add_metadata(objects, dict, contents.metadata);
    contents.tensors = tensors_in(file, dict, is_tensor);
    return contents;
}

Contents contents_at(const Container& file, const std::string& part)
{
    const auto& objects = file.pickle().objects;
    const auto id = object_at(file, part);
    refuse_module(objects, id);
    Contents contents;
    add_metadata(objects, file.pickle().root, contents.metadata);
    if (is_matrix(objects, id))
        contents.tensors.push_back({"", stored_tensor(file, id, part)});
    else if (is_sequence(objects, id))
        for (std::size_t i = 0; i < objects[id].items().size(); ++i) {
            const auto name = std::to_string(i);
            contents.tensors.push_back(
                {name, stored_tensor(file, objects[id].items()[i], part + "." + name)});
        }
    else
        contents.tensors = tensors_in(file, id, is_matrix);
    if (contents.tensors.empty())
        throw CheckpointError((part.empty() ? "it" : shown(part)) + " is " + listed(objects, id) +
                              " where tensors were expected");
    return contents;
}

void check_memory(const Container& file, const std::vector<NamedTensor>& tensors, std::uint64_t file_bytes)
{
    constexpr std::uint64_t most_copies = 4;
    std::set<std::pair<std::string, Id>> storages;
    std::set<StoredTensor> seen;
    std::uint64_t stored = 0;
    std::uint64_t wanted = 0;
    const auto add = [](std::uint64_t& total, std::uint64_t more) {
        if (__builtin_add_overflow(total, more, &total))
            total = ~std::uint64_t{0};
    };
    for (const auto& [name, tensor] : tensors) {
        if (storages.insert({tensor.storage, tensor.array}).second)
            add(stored, tensor.array == Objects::none()
                            ? file.storage_bytes(tensor.storage)
                            : most_array_bytes(file.pickle().objects, tensor.array));
        if (seen.insert(tensor).second)
            add(wanted, tensor.bytes());
    }
    if (stored > file_bytes)
        throw CheckpointError("its storages have " + std::to_string(stored) + " bytes in a file of " +
                              std::to_string(file_bytes) + ": they overlap");
    if (wanted / most_copies > file_bytes)
        throw CheckpointError("its tensors share their storages so often that they are " +
                              std::to_string(wanted) + " bytes in a file of " + std::to_string(file_bytes));
}

} // namespace fa::models::torch_file
