#pragma once
/// Files of torch.save's two formats, written by hand.

#include "tests/models/pickle_text.hpp"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace fa::testing {

inline std::string joined(std::initializer_list<std::string> pieces)
{
    std::string whole;
    for (const auto& piece : pieces)
        whole += piece;
    return whole;
}

/// A storage reference and a tensor over it, as opcodes. Numbers are opcodes too: "K\x03",
/// "J\xff\xff\xff\xff".
struct TensorText {
    std::string storage_class = "torch\nFloatStorage";
    std::string key = "0";
    std::string elements = raw("K\x06");
    std::string offset = raw("K\x00");
    std::string shape = raw("K\x02K\x03\x86");
    std::string strides = raw("K\x03K\x01\x86");
    std::string view = ""; ///< of files before PyTorch 1.6: an opcode for None, or (key, offset, size)

    std::string opcodes() const
    {
        return joined({"ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"), "c", storage_class, "\n",
                       text(key), text("cpu"), elements, view, "tQ", offset, shape, strides,
                       raw("\x89"
                           "ccollections\nOrderedDict\n)RtR")});
    }
};

/// {"w": tensor}
inline std::string dict_of(const std::string& tensor)
{
    return joined({raw("\x80\x02}"), text("w"), tensor, "s."});
}

struct Record {
    std::string name;
    std::string data;
};

/// What lies where in a zip may be told wrongly: a record's entry in the directory.
struct Claim {
    std::uint64_t bytes;
    std::uint64_t offset;
};

/// A zip that stores its records as they are, without checksums. `claim` is asked for every directory entry.
template <typename Lie>
std::string zip_of(const std::vector<Record>& records, Lie&& claim)
{
    std::string file;
    std::string directory;
    for (const auto& [name, data] : records) {
        const auto offset = file.size();
        const auto [bytes, at] = claim(name, Claim{data.size(), offset});
        const auto sizes = little_endian(0, 4) + little_endian(bytes, 4) + little_endian(bytes, 4);
        file += raw("PK\3\4\x14\0\0\0\0\0\0\0\0\0") + sizes + little_endian(name.size(), 2) + raw("\0\0") +
                name + data;
        directory += raw("PK\1\2\x14\0\x14\0\0\0\0\0\0\0\0\0") + sizes + little_endian(name.size(), 2) +
                     std::string(12, '\0') + little_endian(at, 4) + name;
    }
    const auto start = file.size();
    const auto count = little_endian(records.size(), 2);
    return file + directory + raw("PK\5\6\0\0\0\0") + count + count + little_endian(directory.size(), 4) +
           little_endian(start, 4) + raw("\0\0");
}

inline std::string zip_of(const std::vector<Record>& records)
{
    return zip_of(records, [](const std::string&, Claim truth) { return truth; });
}

/// archive/data.pkl and storages archive/data/KEY.
inline std::vector<Record> records_of(const std::string& pickled, const std::vector<Record>& storages)
{
    std::vector<Record> records{{"archive/data.pkl", pickled}};
    for (const auto& [key, data] : storages)
        records.push_back({"archive/data/" + key, data});
    return records;
}

/// The format before PyTorch 1.6. A storage's record is its number of elements and their bytes.
inline std::string legacy_of(const std::string& pickled, const std::vector<Record>& storages)
{
    auto file = raw("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
                    "\x80\x02M\xe9\x03."
                    "\x80\x02}") +
                text("little_endian") + raw("\x88s.") + pickled + raw("\x80\x02](");
    for (const auto& storage : storages)
        file += text(storage.name);
    file += "e.";
    for (const auto& storage : storages)
        file += storage.data;
    return file;
}

inline std::string legacy_storage(std::uint64_t elements, std::size_t bytes)
{
    return little_endian(elements, 8) + std::string(bytes, 'x');
}

} // namespace fa::testing
