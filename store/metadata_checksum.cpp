#include "store/metadata_checksum.hpp"

#include "store/posix_file.hpp"
#include "store/schema.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <string>

#include <fcntl.h>

namespace fa::store {

Extent extent_of(const Handle& dataset, const std::string& where)
{
    const std::uint64_t bytes = H5Dget_storage_size(dataset.get());
    if (bytes == 0) {
        return {};
    }
    const haddr_t offset = H5Dget_offset(dataset.get());
    if (offset == HADDR_UNDEF) {
        throw StoreError(where + " has no place in its file");
    }
    return {offset, bytes};
}

std::uint32_t checksum_outside(std::vector<Extent> extents, std::uint64_t file_bytes,
                               const std::function<std::span<const std::byte>(Extent)>& read,
                               const std::string& where)
{
    std::ranges::sort(extents, {}, &Extent::offset);
    extents.push_back({file_bytes, 0});
    std::uint32_t crc = checksum({});
    std::uint64_t at = 0;
    for (const Extent& extent : extents) {
        if (extent.bytes == 0 && extent.offset == 0) {
            continue; // a dataset without elements
        }
        if (extent.offset < at || extent.offset > file_bytes || extent.bytes > file_bytes - extent.offset) {
            throw StoreError(where + ": is damaged: a dataset's numbers lie beyond its end, or in another's");
        }
        const auto bytes = read({at, extent.offset - at});
        crc = combined_checksum(crc, checksum(bytes), bytes.size());
        at = extent.offset + extent.bytes;
    }
    return crc;
}

void check_metadata(const Handle& file, const std::filesystem::path& path)
{
    const std::string where = path.string();
    std::vector<Extent> extents;
    const auto open = [&](const std::string& name) {
        Handle dataset = open_dataset(file, name, where);
        extents.push_back(extent_of(dataset, where + ": dataset '" + name + "'"));
        return dataset;
    };
    for (const DatasetDefinition& definition : run_datasets()) {
        if (has_link(file, definition.name)) {
            open(std::string(definition.name));
        }
    }
    std::uint32_t recorded = 0;
    const Handle dataset = open(metadata_checksum_name);
    if (H5Dget_storage_size(dataset.get()) != sizeof recorded) {
        throw StoreError(where + ": dataset '" + metadata_checksum_name + "' is no 32-bit number");
    }
    check(H5Dread(dataset.get(), H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, &recorded), where);

    PosixFile bytes(path, O_RDONLY | O_CLOEXEC);
    std::vector<std::byte> piece;
    const auto read = [&](Extent extent) {
        piece.resize(extent.bytes);
        bytes.read_at(extent.offset, piece);
        return std::span<const std::byte>(piece);
    };
    if (checksum_outside(std::move(extents), std::filesystem::file_size(path), read, where) != recorded) {
        throw StoreError(where +
                         ": is damaged: its attributes or structure differ from their recorded crc32");
    }
}

} // namespace fa::store
