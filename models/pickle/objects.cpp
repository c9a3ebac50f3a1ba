#include "models/pickle/objects.hpp"

#include "models/shown.hpp"

#include <algorithm>
#include <array>

namespace fa::models::pickle {
namespace {

constexpr std::array<std::string_view, 3> dict_classes = {"collections.OrderedDict",
                                                          "collections.defaultdict", "builtins.dict"};

std::string counted(const char* what, std::size_t count)
{
    return std::string(what) + " of " + std::to_string(count);
}

/// Python 2's OrderedDict is called with one list of [key, value] lists.
void add_pairs_of_call(const Objects& objects, Id arguments, std::vector<std::pair<Id, Id>>& pairs)
{
    const auto& given = objects[arguments];
    if (!given.is(Kind::tuple) || given.items().size() != 1 || !objects[given.items()[0]].is(Kind::list))
        return;
    for (const Id pair : objects[given.items()[0]].items()) {
        const auto& both = objects[pair];
        if ((both.is(Kind::list) || both.is(Kind::tuple)) && both.items().size() == 2)
            pairs.emplace_back(both.items()[0], both.items()[1]);
    }
}

} // namespace

std::string Objects::global_name(Id id) const
{
    const auto& object = (*this)[id];
    if (!object.is(Kind::global))
        return {};
    return std::string((*this)[object.items()[0]].text()) + "." +
           std::string((*this)[object.items()[1]].text());
}

std::string Objects::callable_name(Id id) const
{
    const auto& object = (*this)[id];
    return object.is(Kind::call) ? global_name(object.items()[callable]) : std::string();
}

bool Objects::is_text(Id id, std::string_view expected) const
{
    const auto& object = (*this)[id];
    return (object.is(Kind::text) || object.is(Kind::bytes)) && object.text() == expected;
}

bool Objects::is_dict(Id id) const
{
    return (*this)[id].is(Kind::dict) ||
           std::ranges::find(dict_classes, callable_name(id)) != dict_classes.end();
}

std::vector<std::pair<Id, Id>> Objects::entries_of(Id id) const
{
    std::vector<std::pair<Id, Id>> pairs;
    if (!is_dict(id))
        return pairs;
    const auto& object = (*this)[id];
    auto dict = id;
    if (object.is(Kind::call)) {
        add_pairs_of_call(*this, object.items()[arguments], pairs);
        dict = object.items()[entries];
    }
    if (!(*this)[dict].is(Kind::dict))
        return pairs;
    const auto& items = (*this)[dict].items();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        pairs.emplace_back(items[i], items[i + 1]);
    return pairs;
}

std::string Objects::described(Id id) const
{
    const auto& object = (*this)[id];
    switch (object.kind()) {
    case Kind::none:
        return "None";
    case Kind::boolean:
        return object.integer() != 0 ? "True" : "False";
    case Kind::integer:
        return std::to_string(object.integer());
    case Kind::big_integer:
        return "an integer beyond 64 bits";
    case Kind::real:
        return std::to_string(object.real());
    case Kind::text:
        return shown(object.text());
    case Kind::bytes:
        return counted("bytes", object.text().size());
    case Kind::list:
        return counted("a list", object.items().size());
    case Kind::tuple:
        return counted("a tuple", object.items().size());
    case Kind::set:
        return counted("a set", object.items().size());
    case Kind::dict:
        return counted("a dict", object.items().size() / 2);
    case Kind::global:
        return "the name " + shown(global_name(id));
    case Kind::persistent:
        return "a reference to a storage";
    case Kind::call: {
        if (is_dict(id))
            return counted("a dict", entries_of(id).size());
        const auto name = callable_name(id);
        if (name.starts_with("numpy.") && name.ends_with("._reconstruct"))
            return "a NumPy array";
        return name.empty() ? "a call" : "a " + shown(name);
    }
    }
    return "an object";
}

} // namespace fa::models::pickle
