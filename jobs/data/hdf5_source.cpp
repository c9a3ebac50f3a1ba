#include "jobs/data/hdf5_array.hpp"
#include "jobs/data/source.hpp"

namespace fa::jobs::data {
namespace {

using store::Handle;

class Hdf5Source final : public Source {
  public:
    Hdf5Source(const std::filesystem::path& path, const std::string& split)
        : file_(store::open_to_read(path)), names_(find_names(path, split)),
          x_(file_, path.string(), names_[0], std::filesystem::file_size(path)),
          y_(file_, path.string(), names_[1], std::filesystem::file_size(path))
    {
        if (x_.numbers() == Hdf5Array::Numbers::other) {
            throw DataError(x_.header().where + " has another element type; inputs are integers or floats");
        }
        if (y_.numbers() != Hdf5Array::Numbers::integers) {
            throw DataError(y_.header().where +
                            " has another element type; labels are integers (class numbers from 0)");
        }
    }

    ArrayHeader inputs() const override { return x_.header(); }
    ArrayHeader labels() const override { return y_.header(); }
    bool inputs_are_bytes() const override { return x_.are_bytes(); }
    std::vector<float> read_inputs() override { return read_all<float>(x_, H5T_NATIVE_FLOAT); }
    std::vector<std::int64_t> read_labels() override { return read_all<std::int64_t>(y_, H5T_NATIVE_INT64); }

  private:
    Handle file_;
    SplitNames names_;
    Hdf5Array x_, y_;

    SplitNames find_names(const std::filesystem::path& path, const std::string& split) const
    {
        std::vector<SplitNames> all = names_in_files(split);
        all.insert(all.begin(), {split + "/x", split + "/y"});
        for (const SplitNames& names : all) {
            const bool has_inputs = store::has_link(file_, names[0]);
            if (has_inputs && store::has_link(file_, names[1])) {
                return names;
            }
            if (has_inputs) {
                throw DataError(path.string() + ": no dataset '" + names[1] + "' beside '" + names[0] + "'");
            }
        }
        throw DataError(path.string() + ": no dataset '" + split +
                        "/x'; a data set has train/x, train/y, test/x and test/y");
    }

    template <typename T>
    static std::vector<T> read_all(const Hdf5Array& array, hid_t memory_type)
    {
        std::size_t count = 1;
        for (const std::uint64_t size : array.header().sizes) {
            count *= size;
        }
        std::vector<T> values(count);
        array.read_rows(0, array.header().sizes.front(), memory_type, values.data());
        return values;
    }
};

} // namespace

std::unique_ptr<Source> open_hdf5(const std::filesystem::path& file, const std::string& split)
{
    return std::make_unique<Hdf5Source>(file, split);
}

} // namespace fa::jobs::data
