#include "store/writer.hpp"

#include "store/elements.hpp"
#include "store/hdf5.hpp"
#include "store/metadata_checksum.hpp"
#include "store/posix_file.hpp"
#include "store/schema.hpp"

#include <string>

#include <fcntl.h>

namespace fa::store {

namespace {

/// What MPI-IO doesn't say: whether the disk is full.
std::string free_space(const std::filesystem::path& file)
{
    std::error_code none;
    const auto space = std::filesystem::space(file, none);
    return none ? "" : " (" + std::to_string(space.available) + " bytes are free on its disk)";
}

/// Fills an existing run file by several ranks. They run through the same calls whatever happens to their own
/// data: one that left at the first failure would let the others wait in the next collective call. So
/// failures to *write* are kept and thrown by finish(), behind the last call; the file's metadata doesn't
/// change, so nothing else is written.
class Filler {
  public:
    Filler(const std::filesystem::path& path, Access access);
    void fill(const Slab& slab);
    void finish();

  private:
    std::string where_;
    hid_t transfer_;
    static constexpr Unwinding unwinding_ = Unwinding::leaks; ///< of everything that belongs to the file
    Handle access_list_;
    Handle file_;
    std::string failure_;
};

Filler::Filler(const std::filesystem::path& path, Access access)
    : where_(path.string()), transfer_(access.transfer)
{
    silence_hdf5();
    access_list_ = Handle(H5Pcopy(access.file), H5Pclose, where_ + ": its access list", unwinding_);
    check(H5Pset_libver_bounds(access_list_.get(), H5F_LIBVER_V18, H5F_LIBVER_V110),
          where_ + ": library bounds");
    // No buffer between H5Dwrite and the system: a failure shows in the call that caused it.
    check(H5Pset_sieve_buf_size(access_list_.get(), 0), where_ + ": no sieve buffer");
    without_locks(access_list_);
    file_ = Handle(H5Fopen(path.c_str(), H5F_ACC_RDWR, access_list_.get()), H5Fclose,
                   where_ + ": can't be opened to write", unwinding_);
}

void Filler::fill(const Slab& slab)
{
    const std::string what = where_ + ": dataset '" + slab.dataset + "' can't be written";
    const hsize_t elements = slab.rows * row_elements(slab);
    if (slab.shape[0] * row_elements(slab) == 0) {
        return; // on all ranks: what has no element has no address, and HDF5 1.10 fails to write it
                // collectively
    }
    Handle dataset(H5Dopen2(file_.get(), slab.dataset.c_str(), H5P_DEFAULT), H5Dclose, what, unwinding_);
    const Handle file_space(H5Dget_space(dataset.get()), H5Sclose, what);
    const hsize_t memory_size = elements == 0 ? 1 : elements;
    const Handle memory_space(H5Screate_simple(1, &memory_size, nullptr), H5Sclose, what);
    if (elements == 0) { // takes part in the collective call, with nothing
        check(H5Sselect_none(file_space.get()), what);
        check(H5Sselect_none(memory_space.get()), what);
    } else {
        std::vector<hsize_t> start(slab.shape.size(), 0);
        std::vector<hsize_t> count(slab.shape.begin(), slab.shape.end());
        start[0] = slab.first_row;
        count[0] = slab.rows;
        check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(),
                                  nullptr),
              what);
    }
    const std::byte nothing{};
    const void* bytes = elements == 0 ? &nothing : slab.bytes.data();
    const hid_t type = hdf5_type(dataset_definition(slab.dataset).element);
    if (H5Dwrite(dataset.get(), type, memory_space.get(), file_space.get(), transfer_, bytes) < 0) {
        const std::string reasons = hdf5_error();
        failure_ = failure_.empty() ? what + ": " + reasons + free_space(where_) : failure_;
    }
    dataset.close(what);
}

/// Plain writes: the numbers go where the skeleton has their places, by plain writes. HDF5 would write its
/// superblock besides (a mark that the file is open), and where it can't, end the process with a crash.
void fill_alone(const std::filesystem::path& path, std::span<const Slab> slabs)
{
    const Handle skeleton = open_to_read(path);
    PosixFile file(path, O_WRONLY | O_CLOEXEC);
    for (const Slab& slab : slabs) {
        const std::string what = path.string() + ": dataset '" + slab.dataset + "'";
        const Extent place = extent_of(open_dataset(skeleton, slab.dataset, path.string()), what);
        const std::uint64_t row_bytes =
            row_elements(slab) * size_of(dataset_definition(slab.dataset).element);
        if (place.bytes != slab.shape[0] * row_bytes) {
            throw StoreError(what + " has another shape in the file than what is to be written into it");
        }
        try {
            file.write_at(place.offset + slab.first_row * row_bytes, slab.bytes);
        } catch (const StoreError& error) {
            throw StoreError(std::string(error.what()) + " (dataset '" + slab.dataset + "')");
        }
    }
    file.close();
}

void Filler::finish()
{
    file_.close(where_ + ": can't be completed");
    if (!failure_.empty()) {
        throw StoreError(failure_);
    }
}

} // namespace

void fill_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
              Access access)
{
    for (const Slab& slab : slabs) {
        check_slab(slab, run, path.string());
    }
    if (access.file == H5P_DEFAULT || H5Pget_driver(access.file) == H5FD_SEC2) {
        fill_alone(path, slabs);
        return;
    }
    Filler filler(path, access);
    for (const Slab& slab : slabs) {
        filler.fill(slab);
    }
    filler.finish();
}

void write_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
               std::span<const std::uint32_t> crcs, Access access)
{
    create_run(path, run, slabs, crcs);
    fill_run(path, run, slabs, access);
}

} // namespace fa::store
