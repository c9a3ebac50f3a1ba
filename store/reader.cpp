#include "store/reader.hpp"

#include "store/hdf5.hpp"
#include "store/metadata_checksum.hpp"
#include "store/run_attributes.hpp"
#include "store/schema.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <span>
#include <type_traits>

namespace fa::store {

namespace {

template <typename T>
hid_t memory_type()
{
    if constexpr (std::is_same_v<T, double>) {
        return H5T_NATIVE_DOUBLE;
    } else if constexpr (std::is_same_v<T, float>) {
        return H5T_NATIVE_FLOAT;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        return H5T_NATIVE_INT64;
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
        return H5T_NATIVE_UINT64;
    } else {
        static_assert(std::is_same_v<T, std::uint8_t>);
        return H5T_NATIVE_UINT8;
    }
}

std::uint64_t product(std::span<const std::uint64_t> sizes)
{
    std::uint64_t count = 1;
    for (const std::uint64_t size : sizes) {
        count *= size;
    }
    return count;
}

/// @throws SchemaError for another version, StoreError where there is none or the file is damaged
void check_schema(const Handle& file, const AttributeReader& root, const std::filesystem::path& path)
{
    const std::string where = path.string();
    // Damage first: a damaged file must not pass for one of another version.
    const bool has_checksum = has_link(file, metadata_checksum_name);
    if (has_checksum) {
        check_metadata(file, path);
    }
    if (!root.has("schema")) {
        throw StoreError(where + ": is no run file of fa-harness (its root has no attribute 'schema')");
    }
    const std::string schema = root.text("schema");
    if (schema != run_schema) {
        throw SchemaError(where + ": has schema '" + schema + "', this program reads and writes '" +
                          run_schema + "'; audit into a new folder, or use the version that wrote it");
    }
    if (!has_checksum) {
        throw StoreError(where + ": has no dataset '" + metadata_checksum_name +
                         "': it was changed, or written by a preliminary version");
    }
}

} // namespace

struct RunReader::State {
    explicit State(const std::filesystem::path& path) : where(path.string()), file(open_to_read(path))
    {
        const AttributeReader root(file.get(), where);
        check_schema(file, root, path);
        attributes = read_attributes(root);
        if (has_link(file, "gamma")) {
            const Handle gamma(H5Gopen2(file.get(), "gamma", H5P_DEFAULT), H5Gclose,
                               where + ": group 'gamma'");
            const AttributeReader reader(gamma.get(), where + ": group 'gamma'");
            attributes.train_reason = reader.has("train_reason") ? reader.text("train_reason") : "";
        }
        if (has_link(file, "relaxation")) {
            const Handle group(H5Gopen2(file.get(), "relaxation", H5P_DEFAULT), H5Gclose,
                               where + ": group 'relaxation'");
            const AttributeReader reader(group.get(), where + ": group 'relaxation'");
            if (reader.has("beta"))
                attributes.relaxation = {.beta = reader.number("beta"),
                                         .steps = reader.integer("steps"),
                                         .step = reader.number("step")};
        }
    }

    std::string what(std::string_view dataset) const
    {
        return where + ": dataset '" + std::string(dataset) + "'";
    }
    Handle open(std::string_view dataset) const { return open_dataset(file, std::string(dataset), where); }

    /// Rows [first, first + rows) into `values`, converted to `type`.
    void read(const Handle& dataset, std::string_view name, std::uint64_t first, std::uint64_t rows,
              hid_t type, void* values) const;
    /// Are a dataset's numbers those of its crc32?
    /// @throws StoreError if it can't be read, or isn't what the schema says
    bool verifies(const DatasetDefinition& definition) const;

    std::string where;
    Handle file;
    RunAttributes attributes;
};

void RunReader::State::read(const Handle& dataset, std::string_view name, std::uint64_t first,
                            std::uint64_t rows, hid_t type, void* values) const
{
    const std::vector<std::uint64_t> sizes = dimensions(dataset, what(name));
    const Handle file_space(H5Dget_space(dataset.get()), H5Sclose, what(name));
    std::vector<hsize_t> start(sizes.size(), 0);
    std::vector<hsize_t> count(sizes.begin(), sizes.end());
    start[0] = first;
    count[0] = rows;
    const hsize_t elements = rows * product(std::span(sizes).subspan(1));
    if (elements == 0) {
        return;
    }
    check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
          what(name));
    const Handle memory_space(H5Screate_simple(1, &elements, nullptr), H5Sclose, what(name));
    check(H5Dread(dataset.get(), type, memory_space.get(), file_space.get(), H5P_DEFAULT, values),
          what(name) + " can't be read");
}

bool RunReader::State::verifies(const DatasetDefinition& definition) const
{
    const std::string where_it_is = what(definition.name);
    const Handle dataset = open(definition.name);
    const std::vector<std::uint64_t> sizes = dimensions(dataset, where_it_is);
    if (sizes != shape_of(definition, attributes)) {
        throw StoreError(where_it_is + " doesn't have the shape that the file's attributes say");
    }
    const Handle type(H5Dget_type(dataset.get()), H5Tclose, where_it_is);
    if (H5Tget_size(type.get()) != size_of(definition.element)) {
        throw StoreError(where_it_is + " has another element type than the schema says");
    }
    // In pieces: a dataset can be larger than what is left of the memory.
    constexpr std::uint64_t piece_bytes = std::uint64_t{64} << 20;
    const std::uint64_t row_bytes =
        std::max<std::uint64_t>(1, product(std::span(sizes).subspan(1)) * size_of(definition.element));
    const std::uint64_t piece_rows = std::max<std::uint64_t>(1, piece_bytes / row_bytes);
    std::vector<std::byte> bytes;
    std::uint32_t crc = checksum({});
    for (std::uint64_t row = 0; row < sizes[0]; row += piece_rows) {
        const std::uint64_t rows = std::min(piece_rows, sizes[0] - row);
        bytes.resize(rows * product(std::span(sizes).subspan(1)) * size_of(definition.element));
        read(dataset, definition.name, row, rows, type.get(), bytes.data());
        crc = combined_checksum(crc, checksum(bytes), bytes.size());
    }
    return crc == AttributeReader(dataset.get(), where_it_is).crc();
}

RunReader::RunReader(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
RunReader::~RunReader() = default;
RunReader::RunReader(RunReader&&) noexcept = default;
RunReader& RunReader::operator=(RunReader&&) noexcept = default;

const RunAttributes& RunReader::attributes() const
{
    return state_->attributes;
}

bool RunReader::has(std::string_view dataset) const
{
    return has_link(state_->file, dataset);
}

std::vector<std::uint64_t> RunReader::shape(std::string_view dataset) const
{
    return dimensions(state_->open(dataset), state_->what(dataset));
}

template <typename T>
std::vector<T> RunReader::read(std::string_view dataset) const
{
    const std::vector<std::uint64_t> sizes = shape(dataset);
    return read_rows<T>(dataset, 0, sizes.empty() ? 0 : sizes[0]);
}

template <typename T>
std::vector<T> RunReader::read_rows(std::string_view dataset, std::uint64_t first, std::uint64_t rows) const
{
    const Handle opened = state_->open(dataset);
    const std::vector<std::uint64_t> sizes = dimensions(opened, state_->what(dataset));
    if (sizes.empty() || first > sizes[0] || rows > sizes[0] - first) {
        throw StoreError(state_->what(dataset) + " has " +
                         (sizes.empty() ? "no rows" : std::to_string(sizes[0]) + " rows") + "; rows " +
                         std::to_string(first) + " to " + std::to_string(first + rows) + " were asked for");
    }
    std::vector<T> values(rows * product(std::span(sizes).subspan(1)));
    state_->read(opened, dataset, first, rows, memory_type<T>(), values.data());
    return values;
}

template std::vector<double> RunReader::read(std::string_view) const;
template std::vector<float> RunReader::read(std::string_view) const;
template std::vector<std::int64_t> RunReader::read(std::string_view) const;
template std::vector<std::uint64_t> RunReader::read(std::string_view) const;
template std::vector<std::uint8_t> RunReader::read(std::string_view) const;
template std::vector<double> RunReader::read_rows(std::string_view, std::uint64_t, std::uint64_t) const;
template std::vector<float> RunReader::read_rows(std::string_view, std::uint64_t, std::uint64_t) const;
template std::vector<std::int64_t> RunReader::read_rows(std::string_view, std::uint64_t, std::uint64_t) const;
template std::vector<std::uint64_t> RunReader::read_rows(std::string_view, std::uint64_t,
                                                         std::uint64_t) const;
template std::vector<std::uint8_t> RunReader::read_rows(std::string_view, std::uint64_t, std::uint64_t) const;

void RunReader::verify() const
{
    std::string damaged;
    for (const DatasetDefinition& definition : run_datasets()) {
        if (has(definition.name) && !state_->verifies(definition)) {
            damaged += (damaged.empty() ? "'" : ", '") + std::string(definition.name) + "'";
        }
    }
    if (!damaged.empty()) {
        throw StoreError(state_->where + ": is damaged: what differs from its recorded crc32 is " + damaged);
    }
}

std::uint32_t RunReader::crc(std::string_view dataset) const
{
    const Handle opened = state_->open(dataset);
    return AttributeReader(opened.get(), state_->what(dataset)).crc();
}

bool is_finished(const std::filesystem::path& path, const std::string& digest)
{
    try {
        const RunReader reader(path);
        if (reader.attributes().digest != digest) {
            return false;
        }
        reader.verify();
        return true;
    } catch (const SchemaError&) {
        throw;
    } catch (const StoreError&) {
        return false;
    }
}

std::optional<std::string> digest_of(const std::filesystem::path& path)
{
    std::error_code error;
    if (std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found) {
        return std::nullopt;
    }
    return RunReader(path).attributes().digest;
}

} // namespace fa::store
