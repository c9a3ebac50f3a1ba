#include "store/heaps.hpp"

#include "store/error.hpp"

#include <cstdint>
#include <string_view>

namespace fa::store {
namespace {

using namespace std::string_view_literals;

/// A collection's signature, version and reserved bytes; its size follows (HDF5 File Format, III.E).
constexpr auto heap_start = "GCOL\1\0\0\0"sv;
constexpr std::size_t header_bytes = 16;

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t width)
{
    std::uint64_t number = 0;
    for (std::size_t i = width; i-- > 0;) {
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

/// Objects: index (2 bytes), references (2), reserved (4), size (8), data up to a multiple of 8. Index 0 is
/// the free rest.
bool objects_fit(std::string_view heap)
{
    std::size_t at = header_bytes;
    while (heap.size() - at >= header_bytes) {
        if (number_at(heap, at, 2) == 0) {
            return number_at(heap, at + 8, 8) <= heap.size() - at;
        }
        const std::uint64_t size = number_at(heap, at + 8, 8);
        const std::size_t most = heap.size() - at - header_bytes;
        if (size > most || (size + 7) / 8 * 8 > most) {
            return false;
        }
        at += header_bytes + (size + 7) / 8 * 8;
    }
    return true;
}

} // namespace

void check_global_heaps(std::span<const std::byte> file, const std::string& shown)
{
    const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
    for (auto at = bytes.find(heap_start); at != std::string_view::npos;
         at = bytes.find(heap_start, at + 1)) {
        const auto rest = bytes.substr(at);
        const bool has_size = rest.size() >= header_bytes;
        const std::uint64_t size = has_size ? number_at(rest, 8, 8) : 0;
        if (size < header_bytes || size > rest.size() || !objects_fit(rest.substr(0, size))) {
            throw StoreError(shown + ": is damaged: the heap of texts at byte " + std::to_string(at) +
                             " doesn't fit what lies in it");
        }
    }
}

} // namespace fa::store
