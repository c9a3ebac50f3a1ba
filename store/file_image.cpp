#include "store/file_image.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace fa::store {

Handle creation_list(hid_t kind)
{
    Handle list(H5Pcreate(kind), H5Pclose, "a creation list");
    check(H5Pset_obj_track_times(list.get(), false), "object times off");
    check(H5Pset_attr_phase_change(list.get(), 64, 48), "compact attributes");
    if (kind == H5P_DATASET_CREATE) {
        check(H5Pset_layout(list.get(), H5D_CONTIGUOUS), "contiguous layout");
        check(H5Pset_alloc_time(list.get(), H5D_ALLOC_TIME_EARLY), "early allocation");
        check(H5Pset_fill_time(list.get(), H5D_FILL_TIME_NEVER), "no fill values");
    } else {
        check(H5Pset_link_phase_change(list.get(), 64, 48), "compact links");
    }
    return list;
}

/// The buffer in which HDF5's core driver keeps a file. An image of the open file would not do: it is marked
/// as open for writing.
struct FileImage::Memory {
    void* bytes = nullptr;
    std::size_t size = 0;
    ~Memory() { std::free(bytes); }

    static void* allocate(std::size_t size, H5FD_file_image_op_t, void* self)
    {
        static_cast<Memory*>(self)->size = size;
        return std::malloc(size);
    }
    static void* copy(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*)
    {
        return std::memcpy(to, from, size);
    }
    static void* grow(void* old, std::size_t size, H5FD_file_image_op_t, void* self)
    {
        static_cast<Memory*>(self)->size = size;
        return std::realloc(old, size);
    }
    static herr_t release(void* buffer, H5FD_file_image_op_t when, void* self)
    {
        if (when == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
            static_cast<Memory*>(self)->bytes = buffer;
        } else {
            std::free(buffer);
        }
        return 0;
    }
    static void* same(void* self) { return self; }
    static herr_t keep(void*) { return 0; }
};

FileImage::FileImage(std::string where)
    : where_(std::move(where)), memory_(new Memory, [](Memory* memory) { delete memory; })
{
    silence_hdf5();
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a file access list");
    constexpr std::size_t growth = 1 << 16;
    check(H5Pset_fapl_core(access.get(), growth, false), "a file in memory");
    H5FD_file_image_callbacks_t callbacks{Memory::allocate, Memory::copy, Memory::grow, Memory::release,
                                          Memory::same,     Memory::keep, memory_.get()};
    check(H5Pset_file_image_callbacks(access.get(), &callbacks), "a file in memory");
    // Fixed bounds: the bytes don't change with the library's version, and HDF5 1.10 can read them.
    check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V110), "library bounds");
    without_locks(access);
    const Handle creation = creation_list(H5P_FILE_CREATE);
    // In memory the name is only a name.
    file_ = Handle(H5Fcreate("image.h5", H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose, where_);
}

std::span<std::byte> FileImage::finish()
{
    check(H5Fflush(file_.get(), H5F_SCOPE_LOCAL),
          where_); // at the close the driver no longer extends its buffer
    file_.close(where_);
    // Version 2's superblock says at byte 28 where the file ends; the buffer behind it is HDF5's reserve.
    constexpr std::size_t end_at = 28;
    std::uint64_t end = 0;
    if (memory_->bytes != nullptr && memory_->size >= end_at + sizeof end) {
        std::memcpy(&end, static_cast<const std::byte*>(memory_->bytes) + end_at, sizeof end);
    }
    if (end < end_at || end > memory_->size) {
        throw StoreError(where_ + ": HDF5 left no file in memory");
    }
    return {static_cast<std::byte*>(memory_->bytes), static_cast<std::size_t>(end)};
}

} // namespace fa::store
