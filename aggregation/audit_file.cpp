#include "aggregation/audit_file.hpp"

#include "aggregation/tables.hpp"
#include "store/attributes.hpp"
#include "store/file_image.hpp"
#include "store/hdf5.hpp"
#include "store/heaps.hpp"
#include "store/layout.hpp"
#include "store/posix_file.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

namespace fa::aggregation {
namespace {

using store::check;
using store::Handle;

/// The file in memory with what its parts need.
class AuditFile {
  public:
    explicit AuditFile(const std::filesystem::path& path) : where_(path.string()), image_(where_) {}

    Handle group(const std::string& name)
    {
        const auto creation = store::creation_list(H5P_GROUP_CREATE);
        return {H5Gcreate2(image_.file().get(), name.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
                H5Gclose, where_ + ": group '" + name + "'"};
    }

    void numbers(const std::string& name, const std::vector<double>& values, const Column& column)
    {
        const auto dataset = make(name, H5T_IEEE_F64LE, values.size());
        check(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
              where_ + ": '" + name + "' can't be written");
        describe(dataset, name, column);
    }

    void words(const std::string& name, const std::vector<std::string>& values, const Column& column)
    {
        std::size_t length = 1; // HDF5 has no strings of length 0
        for (const auto& value : values) {
            length = std::max(length, value.size());
        }
        std::vector<char> bytes(length * values.size(), '\0');
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::memcpy(bytes.data() + i * length, values[i].data(), values[i].size());
        }
        Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "a string type");
        check(H5Tset_size(type.get(), length), "a string type's length");
        check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "a string type's padding");
        check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "a string type's characters");
        const auto dataset = make(name, type.get(), values.size());
        check(H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()),
              where_ + ": '" + name + "' can't be written");
        describe(dataset, name, column);
    }

    void link(const std::string& name, const std::string& target)
    {
        check(H5Lcreate_external(target.c_str(), "/", image_.file().get(), name.c_str(), H5P_DEFAULT,
                                 H5P_DEFAULT),
              where_ + ": link '" + name + "'");
    }

    void attribute(const char* name, const std::string& text)
    {
        store::AttributeWriter(image_.file().get(), where_).text(name, text);
    }
    void attribute(const char* name, double value)
    {
        const Handle space(H5Screate(H5S_SCALAR), H5Sclose, "a scalar dataspace");
        const Handle attribute(
            H5Acreate2(image_.file().get(), name, H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT),
            H5Aclose, where_ + ": attribute '" + name + "'");
        check(H5Awrite(attribute.get(), H5T_NATIVE_DOUBLE, &value), where_ + ": attribute '" + name + "'");
    }

    /// The whole file, closed; lives as long as this object.
    std::string_view finish()
    {
        const auto image = image_.finish();
        return {reinterpret_cast<const char*>(image.data()), image.size()};
    }

  private:
    Handle make(const std::string& name, hid_t type, std::size_t size)
    {
        const auto extent = static_cast<hsize_t>(size);
        const Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose, where_ + ": '" + name + "'");
        const auto creation = store::creation_list(H5P_DATASET_CREATE);
        return {H5Dcreate2(image_.file().get(), name.c_str(), type, space.get(), H5P_DEFAULT, creation.get(),
                           H5P_DEFAULT),
                H5Dclose, where_ + ": dataset '" + name + "'"};
    }

    void describe(const Handle& dataset, const std::string& name, const Column& column)
    {
        const store::AttributeWriter attributes(dataset.get(), where_ + ": '" + name + "'");
        attributes.text("unit", column.unit);
        attributes.text("definition", column.definition);
    }

    std::string where_;
    store::FileImage image_;
};

double number_in(const Cell& cell)
{
    if (const auto* count = std::get_if<std::int64_t>(&cell)) {
        return static_cast<double>(*count);
    }
    const auto* number = std::get_if<double>(&cell);
    return number == nullptr ? undefined : *number;
}

std::string words_in(const Cell& cell)
{
    const auto* words = std::get_if<std::string>(&cell);
    return words == nullptr ? std::string() : *words;
}

void write_table(AuditFile& file, const std::string& folder, const Table& table)
{
    const auto group = file.group(folder);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const auto& column = table.columns[i];
        const auto name = folder + "/" + column.name;
        if (column.kind == Kind::words) {
            std::vector<std::string> values;
            for (const auto& row : table.rows) {
                values.push_back(words_in(row.cells[i]));
            }
            file.words(name, values, column);
        } else {
            std::vector<double> values;
            for (const auto& row : table.rows) {
                values.push_back(number_in(row.cells[i]));
            }
            file.numbers(name, values, column);
        }
    }
}

std::string frozen_text(const jobs::FrozenBaseline& frozen)
{
    if (const auto* run = std::get_if<std::string>(&frozen)) {
        return *run;
    }
    const auto* accuracy = std::get_if<double>(&frozen);
    return accuracy == nullptr ? "none" : exact(*accuracy);
}

/// What the manifest merely says of its runs. The seed as words: float64 would round large ones.
Table labels_table(const Audit& audit)
{
    const auto column = [](const char* name, Kind kind, const char* definition) {
        return Column{name,      name, kind, Digits::significant, kind == Kind::words ? "" : "fraction",
                      definition};
    };
    Table table{"labels", "Labels", {}, {}};
    table.columns = {column("run", Kind::words, "its name"),
                     column("method", Kind::words, "as the manifest says"),
                     column("group", Kind::words, "runs that differ in their seed only"),
                     column("seed", Kind::words, "as the manifest says; empty where it doesn't"),
                     column("frozen", Kind::words, "the control: a run, an accuracy as a fraction, or none"),
                     column("headline", Kind::number, "claimed accuracy"),
                     column("note", Kind::words, "as the manifest says")};
    for (const auto& run : audit.runs) {
        table.add({run.spec.name, run.spec.method, run.group,
                   run.spec.seed ? std::to_string(*run.spec.seed) : std::string(),
                   frozen_text(run.spec.frozen), run.spec.headline.value_or(undefined), run.spec.note});
    }
    return table;
}

void write_content(AuditFile& file, const Audit& audit, const std::vector<Table>& summary)
{
    const auto& question = audit.question;
    file.attribute("schema", std::string(audit_schema));
    file.attribute("h_norm_explosion_ratio", question.thresholds.h_norm_explosion_ratio);
    file.attribute("g_norm_floor", question.thresholds.g_norm_floor);
    file.attribute("stability_drift_ceiling", question.thresholds.stability_drift_ceiling);
    file.attribute("frozen_acc_margin_pp", question.thresholds.frozen_acc_margin_pp);
    file.attribute("bootstrap_replicates", static_cast<double>(question.replicates));

    const auto words = [](const char* definition) {
        return Column{"", "", Kind::words, Digits::significant, "", definition};
    };
    file.words("manifest", {audit.manifest}, words("the manifest, verbatim"));
    std::vector<std::string> strategies;
    for (const auto& strategy : question.strategies) {
        strategies.push_back(strategy.text());
    }
    file.words("strategies", strategies, words("aggregation strategies of the tables, in order"));

    const auto runs = file.group("runs");
    for (const auto& run : audit.runs) {
        if (run.result) {
            file.link("runs/" + run.spec.name, "runs/" + run.spec.name + ".h5");
        }
    }
    write_table(file, "labels", labels_table(audit));
    const auto tables = file.group("tables");
    for (const auto& table : summary) {
        write_table(file, "tables/" + table.name, table);
    }
}

} // namespace

void write_audit_file(const std::filesystem::path& store, const Audit& audit,
                      const std::vector<Table>& summary)
{
    const auto target = store::Layout(store).audit();
    AuditFile file(target);
    write_content(file, audit, summary);
    store::write_whole_file(target, file.finish());
}

namespace {

/// @throws store::StoreError
std::vector<std::byte> whole_file(const std::filesystem::path& path)
{
    store::PosixFile file(path, O_RDONLY | O_CLOEXEC);
    std::vector<std::byte> bytes(std::filesystem::file_size(path));
    file.read_at(0, bytes);
    return bytes;
}

} // namespace

void check_audit_schema(const std::filesystem::path& file)
{
    std::string schema;
    try {
        const auto image = whole_file(file);
        store::check_global_heaps(image, file.string());
        const auto opened = store::open_image_to_read(image, file.string());
        schema = store::AttributeReader(opened.get(), file.string()).text("schema");
    } catch (const store::StoreError&) {
        return;
    }
    if (schema != audit_schema) {
        throw store::SchemaError(file.string() + ": was written as '" + schema + "', this program writes '" +
                                 audit_schema + "': take another --output");
    }
}

} // namespace fa::aggregation
