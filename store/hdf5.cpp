#include "store/hdf5.hpp"

#include <algorithm>
#include <system_error>

namespace fa::store {

namespace {

herr_t add_reason(unsigned, const H5E_error2_t* entry, void* all)
{
    static_cast<std::vector<std::string>*>(all)->emplace_back(entry->desc != nullptr ? entry->desc : "?");
    return 0;
}

} // namespace

std::string hdf5_error()
{
    std::vector<std::string> reasons;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, add_reason, &reasons);
    H5Eclear2(H5E_DEFAULT);
    if (reasons.empty()) {
        return "HDF5 gives no reason";
    }
    // HDF5 walks from the interface that was called down to what failed: the two ends tell a user something.
    std::string text = reasons.front();
    if (reasons.size() > 1) {
        text += " < " + reasons.back();
    }
    std::replace(text.begin(), text.end(), '\n', ' '); // the system's reasons come with a dated line
    return text;
}

void no_cleanup_at_exit()
{
    H5dont_atexit();
}

void silence_hdf5()
{
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

void without_locks(const Handle& access_list)
{
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0))
    check(H5Pset_file_locking(access_list.get(), false, true), "turning HDF5's file locks off");
#else
    static_cast<void>(access_list);
#endif
}

Handle open_to_read(const std::filesystem::path& path)
{
    silence_hdf5();
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw StoreError(path.string() + ": no such file");
    }
    if (status.type() != std::filesystem::file_type::regular) {
        throw StoreError(path.string() + ": " + (error ? error.message() : "is no regular file"));
    }
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a file access list");
    without_locks(access);
    return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose,
            path.string() + ": can't be opened as an HDF5 file (damaged, truncated, or another format?)"};
}

Handle open_image_to_read(std::span<const std::byte> image, const std::string& shown)
{
    silence_hdf5();
    const std::string what =
        shown + ": can't be opened as an HDF5 file (damaged, truncated, or another format?)";
    if (image.empty()) { // HDF5 would take it for a new file
        throw StoreError(what);
    }
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a file access list");
    constexpr std::size_t increment = std::size_t{1} << 16;
    check(H5Pset_fapl_core(access.get(), increment, false), "a file in memory");
    // HDF5 takes the image as writable, but only copies it.
    check(H5Pset_file_image(access.get(), const_cast<std::byte*>(image.data()), image.size()),
          "a file in memory");
    return {H5Fopen("image", H5F_ACC_RDONLY, access.get()), H5Fclose, what};
}

bool has_link(const Handle& file, std::string_view path)
{
    // H5Lexists fails, instead of saying no, where a group on the way is missing.
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = path.find('/', end + 1);
        const std::string part(path.substr(0, end));
        if (H5Lexists(file.get(), part.c_str(), H5P_DEFAULT) <= 0) {
            H5Eclear2(H5E_DEFAULT);
            return false;
        }
    }
    return true;
}

Handle open_dataset(const Handle& file, const std::string& name, const std::string& where)
{
    if (!has_link(file, name)) {
        throw StoreError(where + ": no dataset '" + name + "'");
    }
    return {H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT), H5Dclose, where + ": dataset '" + name + "'"};
}

std::vector<std::uint64_t> dimensions(const Handle& dataset, const std::string& where)
{
    const Handle space(H5Dget_space(dataset.get()), H5Sclose, where);
    std::vector<hsize_t> sizes(
        static_cast<std::size_t>(check(H5Sget_simple_extent_ndims(space.get()), where)));
    check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), where);
    return {sizes.begin(), sizes.end()};
}

} // namespace fa::store
