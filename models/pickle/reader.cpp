#include "models/pickle/reader.hpp"

#include "models/pickle/cursor.hpp"
#include "models/pickle/numbers.hpp"
#include "models/pickle/stack.hpp"

#include <string>
#include <utility>

namespace fa::models::pickle {
namespace {

/// Longest module or class name that is believed, and longest number in decimal.
constexpr std::size_t longest_line = 1000;
constexpr int newest_protocol = 5;
constexpr const char* of_protocol_0 =
    "belongs to pickle protocol 0, which torch.load does not read either; save with pickle_protocol=2";

/// The machine of Python's Lib/pickle.py, class _Unpickler, that writes calls down instead of making them.
class Machine {
  public:
    explicit Machine(std::span<const std::byte> bytes) : cursor_(bytes) {}

    Pickle run()
    {
        try {
            for (opcode_ = next(); opcode_ != '.'; opcode_ = next())
                if (!constant() && !sequence() && !dictionary() && !stack_or_memo() && !call())
                    refuse("is none of those that torch.save writes");
            const Id root = stack_.pop();
            return {std::move(objects_), root, cursor_.position()};
        } catch (const CheckpointError& error) {
            throw CheckpointError("pickle, opcode " + shown_opcode() + " at byte " + std::to_string(start_) +
                                  ": " + error.what());
        }
    }

  private:
    unsigned char next()
    {
        start_ = cursor_.position();
        if (cursor_.left() == 0)
            throw CheckpointError("the pickle ends without its STOP opcode (truncated?)");
        return cursor_.number<unsigned char>();
    }

    std::string shown_opcode() const
    {
        constexpr std::string_view digits = "0123456789abcdef";
        if (opcode_ > 0x20 && opcode_ < 0x7f)
            return std::string("'") + static_cast<char>(opcode_) + "'";
        return std::string("0x") + digits[opcode_ >> 4] + digits[opcode_ & 15];
    }

    [[noreturn]] static void refuse(const std::string& reason) { throw CheckpointError(reason); }

    void push(Object object)
    {
        Stack::check_room(objects_.size(), "objects");
        stack_.push(objects_.add(std::move(object)));
    }
    void push_text(std::uint64_t length) { push(Object(Kind::text, cursor_.take(length))); }
    void push_bytes(std::uint64_t length) { push(Object(Kind::bytes, cursor_.take(length))); }
    void push_integer(std::int64_t value) { push(Object(Kind::integer, value)); }
    void push_long(std::uint64_t length) { push(long_integer(cursor_.take(length))); }

    bool constant();
    bool sequence();
    bool dictionary();
    bool stack_or_memo();
    bool call();

    void append(std::vector<Id> added);
    void assign(std::vector<Id> pairs);
    Id& part_of(Id owner, CallSlot slot, Kind kind);
    Id global(Id module, Id name);
    Id read_global();
    void instance(Id what, std::vector<Id> given);
    void push_call(Id what, Id given);
    void build();

    Cursor cursor_;
    std::size_t start_ = 0; ///< of the opcode
    unsigned char opcode_ = '?';
    Objects objects_;
    Stack stack_;
    Memo memo_;
};

// clang-format off: a table of opcodes
bool Machine::constant()
{
    switch (opcode_) {
    case 0x80: // PROTO
        if (const int protocol = cursor_.number<std::uint8_t>(); protocol > newest_protocol)
            refuse("protocol " + std::to_string(protocol) + " is not known (0 to 5 are)");
        return true;
    case 0x95: // FRAME: its length is a hint for readers of streams
        if (cursor_.number<std::uint64_t>() > cursor_.left())
            refuse("the frame is longer than what is left (truncated?)");
        return true;
    case 'N': return stack_.push(Objects::none()), true;
    case 0x88: return push(Object(Kind::boolean, std::int64_t{1})), true;
    case 0x89: return push(Object(Kind::boolean, std::int64_t{0})), true;
    case 'J': return push_integer(cursor_.number<std::int32_t>()), true;
    case 'K': return push_integer(cursor_.number<std::uint8_t>()), true;
    case 'M': return push_integer(cursor_.number<std::uint16_t>()), true;
    case 'I': return push(decimal_or_flag(cursor_.line(longest_line))), true;
    case 'L': return push(decimal_long(cursor_.line(longest_line))), true;
    case 0x8a: return push_long(cursor_.number<std::uint8_t>()), true;
    case 0x8b: return push_long(cursor_.number<std::uint32_t>()), true;
    case 'G': return push(big_endian_real(cursor_.take(sizeof(double)))), true;
    case 0x8c: return push_text(cursor_.number<std::uint8_t>()), true;
    case 'X': return push_text(cursor_.number<std::uint32_t>()), true;
    case 0x8d: return push_text(cursor_.number<std::uint64_t>()), true;
    case 'C': case 'U': return push_bytes(cursor_.number<std::uint8_t>()), true;
    case 'B': case 'T': return push_bytes(cursor_.number<std::uint32_t>()), true;
    case 0x8e: case 0x96: return push_bytes(cursor_.number<std::uint64_t>()), true;
    case 'S': case 'V': case 'F': case 'P':
        refuse(of_protocol_0);
    case 0x82: case 0x83: case 0x84:
        refuse("stands for a code of Python's extension registry, which only the writer knows");
    case 0x97: case 0x98: refuse("asks for a buffer outside the file");
    default: return false;
    }
}
// clang-format on

// clang-format off
bool Machine::sequence()
{
    switch (opcode_) {
    case ']': return push(Object(Kind::list, std::vector<Id>())), true;
    case 'l': return push(Object(Kind::list, stack_.pop_to_mark())), true;
    case ')': return push(Object(Kind::tuple, std::vector<Id>())), true;
    case 't': return push(Object(Kind::tuple, stack_.pop_to_mark())), true;
    case 0x85: return push(Object(Kind::tuple, stack_.pop(1))), true;
    case 0x86: return push(Object(Kind::tuple, stack_.pop(2))), true;
    case 0x87: return push(Object(Kind::tuple, stack_.pop(3))), true;
    case 0x8f: return push(Object(Kind::set, std::vector<Id>())), true;
    case 0x91: return push(Object(Kind::set, stack_.pop_to_mark())), true;
    case 'a': return append(stack_.pop(1)), true;
    case 'e': case 0x90: return append(stack_.pop_to_mark()), true;
    default: return false;
    }
}

bool Machine::dictionary()
{
    switch (opcode_) {
    case '}': return push(Object(Kind::dict, std::vector<Id>())), true;
    case 'd': {
        auto pairs = stack_.pop_to_mark();
        push(Object(Kind::dict, std::vector<Id>()));
        return assign(std::move(pairs)), true;
    }
    case 's': return assign(stack_.pop(2)), true;
    case 'u': return assign(stack_.pop_to_mark()), true;
    default: return false;
    }
}

// clang-format on

/// The elements or entries of an object: its own, or those that a call's result would be given.
Id& Machine::part_of(Id owner, CallSlot slot, Kind kind)
{
    Id& part = objects_[owner].items()[slot];
    if (part == Objects::none()) {
        push(Object(kind, std::vector<Id>()));
        part = stack_.pop();
    }
    return part;
}

void Machine::append(std::vector<Id> added)
{
    Id owner = stack_.top();
    if (objects_[owner].is(Kind::call))
        owner = part_of(owner, elements, Kind::list);
    if (!objects_[owner].is(Kind::list) && !objects_[owner].is(Kind::set))
        refuse("appends to " + objects_.described(owner));
    auto& items = objects_[owner].items();
    items.insert(items.end(), added.begin(), added.end());
}

void Machine::assign(std::vector<Id> pairs)
{
    if (pairs.size() % 2 != 0)
        refuse("assigns a key without a value");
    Id owner = stack_.top();
    if (objects_[owner].is(Kind::call))
        owner = part_of(owner, entries, Kind::dict);
    if (!objects_[owner].is(Kind::dict))
        refuse("assigns to a key of " + objects_.described(owner));
    auto& items = objects_[owner].items();
    items.insert(items.end(), pairs.begin(), pairs.end());
}

// clang-format off
bool Machine::stack_or_memo()
{
    const auto put = [this](std::uint64_t index) { memo_.put(index, stack_.top(), cursor_.position()); };
    switch (opcode_) {
    case '(': return stack_.mark(), true;
    case '0': return stack_.discard(), true;
    case '1': return stack_.pop_to_mark(), true;
    case '2': return stack_.push(stack_.top()), true;
    case 'q': return put(cursor_.number<std::uint8_t>()), true;
    case 'r': return put(cursor_.number<std::uint32_t>()), true;
    case 0x94: return put(memo_.size()), true;
    case 'h': return stack_.push(memo_.get(cursor_.number<std::uint8_t>())), true;
    case 'j': return stack_.push(memo_.get(cursor_.number<std::uint32_t>())), true;
    case 'p': case 'g': refuse(of_protocol_0);
    default: return false;
    }
}

bool Machine::call()
{
    switch (opcode_) {
    case 'c': return stack_.push(read_global()), true;
    case 0x93: {
        const auto names = stack_.pop(2);
        return stack_.push(global(names[0], names[1])), true;
    }
    case 'Q': return push(Object(Kind::persistent, stack_.pop(1))), true;
    case 'R': case 0x81: {
        const auto both = stack_.pop(2);
        return push_call(both[0], both[1]), true;
    }
    case 0x92: { // NEWOBJ_EX: class, arguments, keyword arguments
        const auto all = stack_.pop(3);
        return push_call(all[0], all[1]), true;
    }
    case 'i': {
        const Id what = read_global();
        return instance(what, stack_.pop_to_mark()), true;
    }
    case 'o': {
        auto given = stack_.pop_to_mark();
        if (given.empty())
            refuse("makes an instance of no class");
        const Id what = given.front();
        given.erase(given.begin());
        return instance(what, std::move(given)), true;
    }
    case 'b': return build(), true;
    default: return false;
    }
}

// clang-format on

Id Machine::global(Id module, Id name)
{
    for (const Id id : {module, name})
        if (!objects_[id].is(Kind::text) || objects_[id].text().size() > longest_line)
            refuse("a module and a name of at most " + std::to_string(longest_line) + " bytes were expected");
    push(Object(Kind::global, std::vector{module, name}));
    return stack_.pop();
}

/// "torch\nFloatStorage\n"
Id Machine::read_global()
{
    push(Object(Kind::text, cursor_.line(longest_line)));
    push(Object(Kind::text, cursor_.line(longest_line)));
    const auto names = stack_.pop(2);
    return global(names[0], names[1]);
}

/// Python 2's old classes: the arguments come without a tuple around them.
void Machine::instance(Id what, std::vector<Id> given)
{
    push(Object(Kind::tuple, std::move(given)));
    push_call(what, stack_.pop());
}

void Machine::push_call(Id what, Id given)
{
    if (!objects_[given].is(Kind::tuple))
        refuse("calls with " + objects_.described(given) + " where a tuple of arguments was expected");
    std::vector<Id> slots(call_slots, Objects::none());
    slots[callable] = what;
    slots[arguments] = given;
    push(Object(Kind::call, std::move(slots)));
}

void Machine::build()
{
    const Id given = stack_.pop();
    auto& object = objects_[stack_.top()];
    if (!object.is(Kind::call))
        refuse("sets the state of " + objects_.described(stack_.top()) + ", which has none");
    object.items()[state] = given;
}

} // namespace

Pickle read(std::span<const std::byte> bytes)
{
    return Machine(bytes).run();
}

} // namespace fa::models::pickle
