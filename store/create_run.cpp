#include "store/writer.hpp"

#include "store/attributes.hpp"
#include "store/elements.hpp"
#include "store/hdf5.hpp"
#include "store/posix_file.hpp"
#include "store/run_attributes.hpp"
#include "store/schema.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <string>

#include <fcntl.h>

namespace fa::store {

namespace {

/// What of a new object must not depend on time or on how many attributes and links it gets (64: more than
/// any has, so all stay in the object's header, in the order of writing).
Handle creation_list(hid_t kind)
{
    Handle list(H5Pcreate(kind), H5Pclose, "a creation list");
    check(H5Pset_obj_track_times(list.get(), false), "object times off");
    check(H5Pset_attr_phase_change(list.get(), 64, 48), "compact attributes");
    if (kind != H5P_DATASET_CREATE) {
        check(H5Pset_link_phase_change(list.get(), 64, 48), "compact links");
    }
    return list;
}

/// A run file in memory, all but its numbers.
class Skeleton {
  public:
    explicit Skeleton(std::string where);
    void add_attributes(const RunAttributes& run);
    void add_dataset(const Slab& slab, std::uint32_t crc);
    void write_to(const std::filesystem::path& path);

  private:
    const Handle& group(const std::string& name);

    std::string where_;
    Handle access_{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "a file access list"};
    Handle file_;
    std::map<std::string, Handle> groups_;
};

Skeleton::Skeleton(std::string where) : where_(std::move(where))
{
    constexpr std::size_t growth = 1 << 16;
    check(H5Pset_fapl_core(access_.get(), growth, false), "a file in memory");
    // Fixed bounds: the bytes don't change with the library's version, and HDF5 1.10 can read them.
    check(H5Pset_libver_bounds(access_.get(), H5F_LIBVER_V18, H5F_LIBVER_V110), "library bounds");
    without_locks(access_);
    const Handle creation = creation_list(H5P_FILE_CREATE);
    // In memory the name is only a name.
    file_ = Handle(H5Fcreate("run.h5", H5F_ACC_TRUNC, creation.get(), access_.get()), H5Fclose, where_);
}

const Handle& Skeleton::group(const std::string& name)
{
    Handle& handle = groups_[name];
    if (!handle) {
        const Handle creation = creation_list(H5P_GROUP_CREATE);
        handle = Handle(H5Gcreate2(file_.get(), name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                        H5Gclose, where_ + ": group '" + name + "'");
    }
    return handle;
}

void Skeleton::add_attributes(const RunAttributes& run)
{
    write_attributes(AttributeWriter(file_.get(), where_), run);
    if (!run.train_reason.empty() && run.credit != "none") { // credit=none: there is no group "gamma"
        AttributeWriter(group("gamma").get(), where_).text("train_reason", run.train_reason);
    }
    if (run.relaxation) {
        const AttributeWriter relaxation(group("relaxation").get(), where_);
        relaxation.number("beta", run.relaxation->beta);
        relaxation.integer("steps", run.relaxation->steps);
        relaxation.number("step", run.relaxation->step);
    }
}

void Skeleton::add_dataset(const Slab& slab, std::uint32_t crc)
{
    const DatasetDefinition& definition = dataset_definition(slab.dataset);
    const std::string what = where_ + ": dataset '" + slab.dataset + "'";
    group(slab.dataset.substr(0, slab.dataset.find('/')));
    const std::vector<hsize_t> sizes(slab.shape.begin(), slab.shape.end());
    const Handle space(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose,
                       what);
    const Handle creation = creation_list(H5P_DATASET_CREATE);
    check(H5Pset_layout(creation.get(), H5D_CONTIGUOUS), what);
    check(H5Pset_alloc_time(creation.get(), H5D_ALLOC_TIME_EARLY), what);
    check(H5Pset_fill_time(creation.get(), H5D_FILL_TIME_NEVER), what);
    const Handle dataset(H5Dcreate2(file_.get(), slab.dataset.c_str(), hdf5_type(definition.element),
                                    space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose, what);
    const AttributeWriter attributes(dataset.get(), what);
    attributes.text("axes", definition.axes);
    attributes.text("unit", definition.unit);
    attributes.text("definition", definition.definition);
    attributes.crc(crc);
}

void Skeleton::write_to(const std::filesystem::path& path)
{
    groups_.clear();
    check(H5Fflush(file_.get(), H5F_SCOPE_LOCAL), where_);
    const auto size = static_cast<std::size_t>(check(H5Fget_file_image(file_.get(), nullptr, 0), where_));
    void* memory = nullptr; // where the driver keeps the address of the file's bytes
    check(H5Fget_vfd_handle(file_.get(), access_.get(), &memory), where_);
    const std::span<const std::byte> image(*static_cast<const std::byte**>(memory), size);

    PosixFile file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    file.resize(size);
    // Blocks of zeros stay holes: they are the numbers' places.
    constexpr std::size_t block = 4096;
    static constexpr std::byte zeros[block] = {};
    for (std::size_t at = 0; at < size; at += block) {
        const auto bytes = image.subspan(at, std::min(block, size - at));
        if (std::memcmp(bytes.data(), zeros, bytes.size()) != 0) {
            file.write_at(at, bytes);
        }
    }
    file.close();
}

} // namespace

void create_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
                std::span<const std::uint32_t> crcs)
{
    silence_hdf5();
    const std::string where = path.string();
    if (slabs.size() != crcs.size()) {
        throw StoreError(where + ": " + std::to_string(slabs.size()) + " datasets, but " +
                         std::to_string(crcs.size()) + " checksums");
    }
    for (const Slab& slab : slabs) {
        check_slab(slab, run, where);
    }
    Skeleton skeleton(where);
    skeleton.add_attributes(run);
    for (std::size_t i = 0; i < slabs.size(); ++i) {
        skeleton.add_dataset(slabs[i], crcs[i]);
    }
    skeleton.write_to(path);
}

} // namespace fa::store
