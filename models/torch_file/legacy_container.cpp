#include "models/checkpoint_error.hpp"
#include "models/pickle/cursor.hpp"
#include "models/shown.hpp"
#include "models/torch_file/container.hpp"

#include <cstring>
#include <limits>
#include <map>

namespace fa::models::torch_file {
namespace {

using pickle::Kind;
using pickle::Pickle;

constexpr std::int64_t protocol_version = 1001;

class LegacyContainer final : public Container {
  public:
    explicit LegacyContainer(std::span<const std::byte> bytes) : bytes_(bytes)
    {
        next(); // the magic number: format_of has looked at it
        check_version(next());
        check_byte_order(next());
        pickle_ = next();
        const auto keys = next();
        find_storages(keys);
    }

    const Pickle& pickle() const override { return pickle_; }
    std::uint64_t storage_bytes(const std::string& key) const override { return find(key).size(); }
    void read_storage(const std::string& key, std::span<std::byte> into) const override
    {
        const auto from = find(key);
        if (!from.empty())
            std::memcpy(into.data(), from.data(), into.size());
    }

  private:
    Pickle next()
    {
        auto read = pickle::read(bytes_.subspan(position_));
        position_ += read.length;
        return read;
    }

    static void check_version(const Pickle& version)
    {
        const auto& number = version.objects[version.root];
        if (!number.is(Kind::integer) || number.integer() != protocol_version)
            throw CheckpointError("torch.save's protocol version is " +
                                  version.objects.described(version.root) + " where " +
                                  std::to_string(protocol_version) + " was expected");
    }

    static void check_byte_order(const Pickle& system)
    {
        for (const auto& [key, value] : system.objects.entries_of(system.root)) {
            const auto& answer = system.objects[value];
            if (system.objects.is_text(key, "little_endian") && answer.is(Kind::boolean) &&
                answer.integer() == 0)
                throw CheckpointError("it was saved on a big-endian machine: load and save it again on a "
                                      "little-endian one");
        }
    }

    /// Bytes of an element of every storage that the object refers to. The file stores elements, not bytes.
    std::map<std::string, StorageReference> references() const
    {
        std::map<std::string, StorageReference> found;
        for (pickle::Id id = 0; id < pickle_.objects.size(); ++id) {
            if (!is_storage(pickle_.objects, id))
                continue;
            auto storage = storage_reference(pickle_.objects, id);
            const auto [known, is_new] = found.emplace(storage.key, storage);
            if (known->second.element_bytes() != storage.element_bytes())
                throw CheckpointError("storage " + shown(storage.key) + " is said to be of two types");
        }
        return found;
    }

    void find_storages(const Pickle& keys)
    {
        const auto& list = keys.objects[keys.root];
        if (!list.is(Kind::list))
            throw CheckpointError("the storages' keys are " + keys.objects.described(keys.root) +
                                  " where a list was expected");
        const auto known = references();
        pickle::Cursor cursor(bytes_.subspan(position_));
        for (const auto id : list.items()) {
            const auto& text = keys.objects[id];
            if (!text.is(Kind::text) && !text.is(Kind::bytes))
                throw CheckpointError("the key of a storage is " + keys.objects.described(id));
            const std::string key(text.text());
            const auto reference = known.find(key);
            if (reference == known.end())
                throw CheckpointError("nothing refers to storage " + shown(key) +
                                      ", so its size is not known");
            if (storages_.contains(key))
                throw CheckpointError("storage " + shown(key) + " is there twice");
            storages_[key] = storage_at(cursor, key, reference->second.element_bytes());
        }
    }

    static std::span<const std::byte> storage_at(pickle::Cursor& cursor, const std::string& key,
                                                 std::uint64_t element_bytes)
    {
        const auto elements = cursor.number<std::uint64_t>();
        if (elements > cursor.left() / element_bytes)
            throw CheckpointError("storage " + shown(key) + " claims " + std::to_string(elements) +
                                  " elements of " + std::to_string(element_bytes) + " bytes, but only " +
                                  std::to_string(cursor.left()) + " bytes are left (truncated?)");
        return std::as_bytes(std::span(cursor.take(elements * element_bytes)));
    }

    std::span<const std::byte> find(const std::string& key) const
    {
        const auto found = storages_.find(key);
        if (found == storages_.end())
            throw CheckpointError("storage " + shown(key) + " is missing from the file");
        return found->second;
    }

    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
    Pickle pickle_;
    std::map<std::string, std::span<const std::byte>> storages_;
};

} // namespace

std::unique_ptr<Container> open_legacy(std::span<const std::byte> bytes)
{
    return std::make_unique<LegacyContainer>(bytes);
}

} // namespace fa::models::torch_file
