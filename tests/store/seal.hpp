#pragma once
/// A run file whose attributes a test has changed, made to look as if it had been written so.

#include "store/hdf5.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <zlib.h>

namespace fa::testing {

namespace detail {

struct Place {
    std::uint64_t offset, bytes;
    bool operator<(const Place& other) const { return offset < other.offset; }
};

inline herr_t note_dataset(hid_t file, const char* name, const H5O_info_t* info, void* places)
{
    if (info->type == H5O_TYPE_DATASET) {
        const store::Handle dataset(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose, name);
        if (const auto bytes = H5Dget_storage_size(dataset.get()); bytes > 0) {
            static_cast<std::vector<Place>*>(places)->push_back({H5Dget_offset(dataset.get()), bytes});
        }
    }
    return 0;
}

} // namespace detail

/// Records again the crc32 of what is no dataset's numbers (docs/store.md), counted byte by byte.
inline void seal(const std::filesystem::path& path)
{
    std::vector<detail::Place> places;
    std::uint64_t checksum_at = 0;
    {
        const store::Handle file = store::open_to_read(path);
        store::check(H5Ovisit1(file.get(), H5_INDEX_NAME, H5_ITER_NATIVE, detail::note_dataset, &places),
                     "visiting");
        checksum_at = H5Dget_offset(store::open_dataset(file, "metadata_crc32", "file").get());
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    uLong crc = crc32(0, nullptr, 0);
    for (std::uint64_t at = 0; at < bytes.size(); ++at) {
        const bool numbers = std::ranges::any_of(
            places, [&](const auto& place) { return at >= place.offset && at - place.offset < place.bytes; });
        if (!numbers) {
            crc = crc32(crc, reinterpret_cast<const Bytef*>(&bytes[at]), 1);
        }
    }
    file.seekp(static_cast<std::streamoff>(checksum_at));
    for (int shift = 0; shift < 32; shift += 8) {
        file.put(static_cast<char>(crc >> shift));
    }
}

} // namespace fa::testing
