#include "store/writer.hpp"

#include "store/attributes.hpp"
#include "store/elements.hpp"
#include "store/file_image.hpp"
#include "store/metadata_checksum.hpp"
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

/// Writes all but blocks of zeros, which stay holes: they are the numbers' places.
void write_blocks(std::span<const std::byte> image, const std::filesystem::path& path)
{
    PosixFile file(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    file.resize(image.size());
    constexpr std::size_t block = 4096;
    static constexpr std::byte zeros[block] = {};
    const auto empty = [&](std::size_t at) {
        const auto bytes = image.subspan(at, std::min(block, image.size() - at));
        return std::memcmp(bytes.data(), zeros, bytes.size()) == 0;
    };
    for (std::size_t end = 0; end < image.size(); end += block) {
        const std::size_t start = end;
        while (end < image.size() && !empty(end)) {
            end += block;
        }
        file.write_at(start, image.subspan(start, std::min(end, image.size()) - start));
    }
    file.close();
}

/// A run file in memory, all but its numbers.
class Skeleton {
  public:
    explicit Skeleton(std::string where) : where_(std::move(where)), image_(where_) {}
    void add_attributes(const RunAttributes& run);
    void add_dataset(const Slab& slab, std::uint32_t crc);
    /// Behind all other datasets.
    void add_metadata_checksum();
    /// Fills the checksum in.
    void write_to(const std::filesystem::path& path);

  private:
    const Handle& group(const std::string& name);

    std::string where_;
    FileImage image_;
    std::map<std::string, Handle> groups_;
    std::vector<Extent> extents_; ///< of the datasets' numbers
};

const Handle& Skeleton::group(const std::string& name)
{
    Handle& handle = groups_[name];
    if (!handle) {
        const Handle creation = creation_list(H5P_GROUP_CREATE);
        handle =
            Handle(H5Gcreate2(image_.file().get(), name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                   H5Gclose, where_ + ": group '" + name + "'");
    }
    return handle;
}

void Skeleton::add_attributes(const RunAttributes& run)
{
    write_attributes(AttributeWriter(image_.file().get(), where_), run);
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
    const Handle dataset(H5Dcreate2(image_.file().get(), slab.dataset.c_str(), hdf5_type(definition.element),
                                    space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose, what);
    const AttributeWriter attributes(dataset.get(), what);
    attributes.text("axes", definition.axes);
    attributes.text("unit", definition.unit);
    attributes.text("definition", definition.definition);
    attributes.crc(crc);
    extents_.push_back(extent_of(dataset, what));
}

void Skeleton::add_metadata_checksum()
{
    const std::string what = where_ + ": dataset '" + metadata_checksum_name + "'";
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose, what);
    const Handle creation = creation_list(H5P_DATASET_CREATE);
    const Handle dataset(H5Dcreate2(image_.file().get(), metadata_checksum_name, H5T_STD_U32LE, space.get(),
                                    H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                         H5Dclose, what);
    AttributeWriter(dataset.get(), what)
        .text("definition", "zlib's crc32 of the file's bytes that are no dataset's numbers");
    extents_.push_back(extent_of(dataset, what));
}

void Skeleton::write_to(const std::filesystem::path& path)
{
    groups_.clear();
    const auto image = image_.finish();
    const auto read = [&](Extent extent) { return image.subspan(extent.offset, extent.bytes); };
    const std::uint32_t crc = checksum_outside(extents_, image.size(), read, where_);
    std::memcpy(&image[extents_.back().offset], &crc, sizeof crc);
    write_blocks(image, path);
}

} // namespace

void create_run(const std::filesystem::path& path, const RunAttributes& run, std::span<const Slab> slabs,
                std::span<const std::uint32_t> crcs)
{
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
    skeleton.add_metadata_checksum();
    skeleton.write_to(path);
}

} // namespace fa::store
