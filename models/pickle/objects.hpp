#pragma once
/// What a pickle describes, as a graph of plain values. Calls are written down, never made.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fa::models::pickle {

/// An object's place in its `Objects`.
using Id = std::uint32_t;

enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    big_integer, ///< beyond 64 bits: its bytes, little-endian two's complement (decimal in protocol 1)
    real,
    text,  ///< UTF-8, as far as the writer kept to it
    bytes, ///< also Python 2's str
    list,
    tuple,
    set,
    dict,
    global,     ///< a name of a Python module
    persistent, ///< torch.save's references to storages
    call,       ///< what a callable would make of arguments
};

/// Text and bytes point into the pickle: they live as long as its bytes do.
class Object {
  public:
    explicit Object(Kind kind) : kind_(kind) {}
    template <typename Held>
    Object(Kind kind, Held value) : kind_(kind), value_(std::in_place_type<Held>, std::move(value))
    {
    }

    Kind kind() const { return kind_; }
    bool is(Kind kind) const { return kind_ == kind; }

    /// Of Kind::integer, Kind::boolean.
    std::int64_t integer() const { return std::get<std::int64_t>(value_); }
    /// Of Kind::real.
    double real() const { return std::get<double>(value_); }
    /// Of Kind::text, Kind::bytes, Kind::big_integer.
    std::string_view text() const { return std::get<std::string_view>(value_); }
    /// Elements of a list, tuple or set; key, value, key, value … of a dict; [module, name] of a global;
    /// [what] of a persistent; a call's five slots.
    const std::vector<Id>& items() const { return std::get<std::vector<Id>>(value_); }
    std::vector<Id>& items() { return std::get<std::vector<Id>>(value_); }

  private:
    Kind kind_;
    std::variant<std::int64_t, double, std::string_view, std::vector<Id>> value_;
};

/// What a call's items are. `state` is what Python's __setstate__ or __dict__ would get, `elements` a list of
/// what would be appended, `entries` a dict of what would be assigned; Objects::none() where there is
/// nothing.
enum CallSlot : std::size_t { callable, arguments, state, elements, entries, call_slots };

/// All objects of a pickle. No object owns another, so neither depth nor cycles matter to it.
class Objects {
  public:
    Objects() { add(Object(Kind::none)); }

    const Object& operator[](Id id) const { return objects_.at(id); }
    Object& operator[](Id id) { return objects_.at(id); }
    std::size_t size() const { return objects_.size(); }
    static constexpr Id none() { return 0; }

    Id add(Object object)
    {
        objects_.push_back(std::move(object));
        return static_cast<Id>(objects_.size() - 1);
    }

    /// "torch._utils._rebuild_tensor_v2" of a global; empty for anything else.
    std::string global_name(Id id) const;
    /// The callable of a call by that name; empty for anything else.
    std::string callable_name(Id id) const;
    /// Whether it is text (or Python 2's bytes), and this one.
    bool is_text(Id id, std::string_view expected) const;
    /// Key and value pairs of a dict, an OrderedDict or a defaultdict, in their order; nothing for anything
    /// else.
    std::vector<std::pair<Id, Id>> entries_of(Id id) const;
    /// Whether it is one of these.
    bool is_dict(Id id) const;
    /// What an error may call it: "a list of 3", "a call of os.system".
    std::string described(Id id) const;

  private:
    std::deque<Object> objects_;
};

} // namespace fa::models::pickle
