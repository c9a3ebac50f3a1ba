#pragma once
/// HDF5's C interface with owners and exceptions: one move-only handle, one throwing check around every call.

#include "store/error.hpp"

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fa::store {

/// What HDF5 says about its last failure, innermost reason last; empties its error stack.
std::string hdf5_error();

/// For the first lines of a program that writes by several ranks: a file that can't be closed (full disk)
/// stays open inside HDF5 1.10, whose clean-up at the program's end then crashes.
void no_cleanup_at_exit();

/// Stops HDF5 from printing its error stacks: they go into exceptions. Called by whatever enters HDF5 in this
/// room.
void silence_hdf5();

/// @returns result
/// @throws StoreError "<what>: <HDF5's reasons>" if the call failed (result < 0)
template <typename Result>
Result check(Result result, std::string_view what)
{
    if (result < 0) {
        throw StoreError(std::string(what) + ": " + hdf5_error());
    }
    return result;
}

/// What a handle does when an exception unwinds the stack.
enum class Unwinding {
    closes,
    /// Leaves the object open. Closing a file that several ranks opened is collective: the rank that unwinds
    /// alone would wait for the others for ever.
    leaks
};

/// Owns one HDF5 identifier.
class Handle {
  public:
    using Close = herr_t (*)(hid_t);

    Handle() = default;
    /// @throws StoreError if `id` is no identifier, i.e. the call that should have made it failed
    Handle(hid_t id, Close closer, std::string_view what, Unwinding unwinding = Unwinding::closes)
        : id_(check(id, what)), close_(closer), unwinding_(unwinding), exceptions_(std::uncaught_exceptions())
    {
    }
    ~Handle() { reset(); }
    Handle(Handle&& other) noexcept { swap(other); }
    Handle& operator=(Handle&& other) noexcept
    {
        Handle(std::move(other)).swap(*this);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    hid_t get() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

    /// Closes now, so that a failure is seen: a destructor can't tell.
    /// @throws StoreError
    void close(std::string_view what)
    {
        const hid_t id = std::exchange(id_, H5I_INVALID_HID);
        if (id >= 0) {
            check(close_(id), what);
        }
    }

  private:
    void swap(Handle& other) noexcept
    {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        std::swap(unwinding_, other.unwinding_);
        std::swap(exceptions_, other.exceptions_);
    }
    void reset() noexcept
    {
        const bool unwinds = std::uncaught_exceptions() > exceptions_;
        if (id_ >= 0 && !(unwinds && unwinding_ == Unwinding::leaks)) {
            close_(id_);
        }
        id_ = H5I_INVALID_HID;
    }

    hid_t id_ = H5I_INVALID_HID;
    Close close_ = nullptr;
    Unwinding unwinding_ = Unwinding::closes;
    int exceptions_ = 0;
};

/// Opens a file to read, by sec2 and without file locks (network file systems often have none).
/// @throws StoreError naming the file: not there, no HDF5 file, truncated
Handle open_to_read(const std::filesystem::path& path);
/// Opens a file that lies in memory, to read; HDF5 keeps a copy of its bytes.
/// @param shown  how messages call it
/// @throws StoreError likewise
Handle open_image_to_read(std::span<const std::byte> image, const std::string& shown);
/// Opens a dataset of an open file.
/// @throws StoreError with `where` (the file) and the dataset's name
Handle open_dataset(const Handle& file, const std::string& name, const std::string& where);
/// Is there a link at this path? Any part of it may be missing.
bool has_link(const Handle& file, std::string_view path);
/// Sizes of a dataset's axes; empty for a scalar. (hsize_t is uint64_t since HDF5 1.14 only.)
std::vector<std::uint64_t> dimensions(const Handle& dataset, const std::string& where);

/// Turns file locking off on a file access list where HDF5 can (≥ 1.10.7, ≥ 1.12.1); elsewhere the
/// environment variable HDF5_USE_FILE_LOCKING=FALSE does it, which the programs set.
void without_locks(const Handle& access_list);

} // namespace fa::store
