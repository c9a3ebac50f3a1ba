#include "harness/export_draws.hpp"

#include "diagnostics/draws.hpp"
#include "harness/prepared_run.hpp"
#include "harness/run_inputs.hpp"
#include "store/hdf5.hpp"
#include "store/layout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::harness {
namespace {

struct DrawSet {
    std::string run; ///< the first that has it
    diagnostics::DrawSpec spec;
    std::int64_t draws = 0;
};

/// The one set of draws that the manifest's runs share.
std::optional<DrawSet> common_set(const AuditOptions& options, const jobs::Manifest& manifest)
{
    InputReader reader(comm::Communicator(), options);
    std::optional<DrawSet> set;
    for (const auto& spec : manifest.runs) {
        if (spec.credit == jobs::Credit::none || spec.draws == 0)
            continue;
        DrawSet its{spec.name, {}, spec.draws};
        try {
            its.spec = prepare_run(spec, options, reader.read(spec)).draws;
        } catch (const std::exception&) {
            continue;
        }
        if (!set)
            set = std::move(its);
        else if (set->draws != its.draws || !(set->spec == its.spec))
            throw UsageError(
                fmt::format("--export-draws: runs '{}' and '{}' have different draws (shape, number, "
                            "seed, distribution or scale), and one file holds one set: export them from "
                            "manifests of their own",
                            set->run, its.run));
    }
    return set;
}

void write_layer(const store::Handle& group, const DrawSet& set, std::int64_t layer)
{
    const auto [rows, columns] = set.spec.shapes.at(static_cast<std::size_t>(layer));
    const hsize_t shape[] = {static_cast<hsize_t>(set.draws), static_cast<hsize_t>(rows),
                             static_cast<hsize_t>(columns)};
    const hsize_t one[] = {1, shape[1], shape[2]};
    const store::Handle space(H5Screate_simple(3, shape, nullptr), H5Sclose, "draws");
    const store::Handle memory(H5Screate_simple(3, one, nullptr), H5Sclose, "draws");
    const auto name = std::to_string(layer);
    store::Handle dataset(H5Dcreate2(group.get(), name.c_str(), H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                     H5P_DEFAULT, H5P_DEFAULT),
                          H5Dclose, "draws/" + name);
    for (std::int64_t r = 0; r < set.draws; ++r) {
        const auto matrix = diagnostics::draw(set.spec, r, layer).contiguous();
        const hsize_t start[] = {static_cast<hsize_t>(r), 0, 0};
        store::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, one, nullptr), "draws");
        store::check(H5Dwrite(dataset.get(), H5T_IEEE_F32LE, memory.get(), space.get(), H5P_DEFAULT,
                              matrix.const_data_ptr()),
                     "draws/" + name);
    }
    dataset.close("draws/" + name);
}

void write_file(const std::filesystem::path& path, const DrawSet& set)
{
    store::silence_hdf5();
    store::Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
                       path.string());
    store::Handle group(H5Gcreate2(file.get(), "draws", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                        "draws");
    for (std::int64_t layer = 0; layer < static_cast<std::int64_t>(set.spec.shapes.size()); ++layer)
        write_layer(group, set, layer);
    group.close("draws");
    file.close(path.string());
}

} // namespace

void export_draws(const AuditOptions& options, const jobs::Manifest& manifest)
{
    const auto set = common_set(options, manifest);
    if (!set)
        throw UsageError("--export-draws: no run of the manifest has fresh draws");
    const auto& target = *options.export_draws;
    const auto folder = std::filesystem::absolute(target).parent_path();
    if (!std::filesystem::is_directory(folder))
        throw UsageError("--export-draws " + target.string() + ": there is no folder " + folder.string());
    const auto temporary = store::temporary_name(target);
    try {
        write_file(temporary, *set);
        std::filesystem::rename(temporary, target);
    } catch (const std::exception& error) {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        throw std::runtime_error("--export-draws " + target.string() + ": " + error.what());
    }
}

} // namespace fa::harness
