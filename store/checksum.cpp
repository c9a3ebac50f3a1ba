#include "store/writer.hpp"

#include <zlib.h>

namespace fa::store {

std::uint32_t checksum(std::span<const std::byte> bytes)
{
    // crc32_z counts in size_t; plain crc32 would cut the length at 4 GiB.
    const auto* first = reinterpret_cast<const Bytef*>(bytes.data());
    return static_cast<std::uint32_t>(::crc32_z(0, first, bytes.size()));
}

std::uint32_t combined_checksum(std::uint32_t first, std::uint32_t second, std::uint64_t second_length)
{
    static_assert(sizeof(z_off_t) == 8, "crc32_combine would cut lengths at 2 GiB");
    return static_cast<std::uint32_t>(::crc32_combine(first, second, static_cast<z_off_t>(second_length)));
}

} // namespace fa::store
