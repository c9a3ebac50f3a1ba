#include "harness/publish_run.hpp"

#include "harness/comm/agreement.hpp"
#include "store/elements.hpp"
#include "store/error.hpp"
#include "store/reader.hpp"
#include "store/writer.hpp"

#include <fmt/format.h>

namespace fa::harness {
namespace {

/// A part of a dataset that one rank holds.
struct PartChecksum {
    std::uint32_t crc = 0;
    std::uint64_t length = 0;
};

/// crc32 of each whole dataset, from the bytes in memory: ranks hold consecutive rows, in rank order.
std::vector<std::uint32_t> checksums(const std::vector<store::Slab>& slabs, const comm::Communicator& team)
{
    std::vector<std::uint32_t> whole;
    for (const auto& slab : slabs) {
        std::uint32_t crc = 0;
        for (const auto& part : team.all_gather(PartChecksum{store::checksum(slab.bytes), slab.bytes.size()}))
            crc = store::combined_checksum(crc, part.crc, part.length);
        whole.push_back(crc);
    }
    return whole;
}

/// No return code alone is believed: what is on the disk must be what was in memory.
void verify(const std::filesystem::path& file, const std::vector<store::Slab>& slabs,
            const std::vector<std::uint32_t>& crcs)
{
    const store::RunReader reader(file);
    reader.verify();
    for (std::size_t i = 0; i < slabs.size(); ++i)
        if (reader.crc(slabs[i].dataset) != crcs[i])
            throw std::runtime_error(
                fmt::format("{}: {} doesn't read back as it was written (is the disk full?)", file.string(),
                            slabs[i].dataset));
}

/// @throws comm::GroupError on every rank
void write_and_publish(const std::filesystem::path& temporary, const std::filesystem::path& target,
                       const store::RunAttributes& attributes, const std::vector<store::Slab>& slabs,
                       const std::vector<std::uint32_t>& crcs, const comm::Communicator& team)
{
    comm::together(team, [&] {
        if (team.leads())
            store::create_run(temporary, attributes, slabs, crcs);
    });
    // Not by parallel HDF5, whose H5Fclose writes the superblock: where that fails its ranks wait for each
    // other for ever (seen on 1.10.8).
    comm::together(team, [&] { store::fill_run(temporary, attributes, slabs); });
    comm::together(team, [&] {
        if (!team.leads())
            return;
        verify(temporary, slabs, crcs);
        store::publish(temporary, target, attributes.digest);
    });
}

bool there_already(const std::filesystem::path& target, const std::string& digest)
{
    try {
        return store::is_finished(target, digest);
    } catch (const store::StoreError&) {
        return false;
    }
}

} // namespace

void publish_run(const store::Layout& layout, const store::RunAttributes& attributes, const Rows& rows,
                 const comm::Communicator& team)
{
    std::vector<store::Slab> slabs;
    comm::together(team, [&] {
        slabs = rows.slabs(attributes);
        for (const auto& slab : slabs)
            store::check_slab(slab, attributes, attributes.name);
    });
    const auto crcs = checksums(slabs, team);

    const auto target = layout.run(attributes.name);
    constexpr int tries = 3;
    for (int left = tries - 1;; --left) {
        const std::filesystem::path temporary =
            team.shared(team.leads() ? layout.temporary_run(attributes.name).string() : std::string());
        try {
            write_and_publish(temporary, target, attributes, slabs, crcs, team);
            return;
        } catch (const comm::GroupError&) {
            std::error_code error;
            const bool gone = team.leads() && !std::filesystem::remove(temporary, error) && !error;
            if (team.shared(team.leads() && there_already(target, attributes.digest)))
                return;
            // A report, or another job that ended, takes our file for a leftover where the run has a file of
            // earlier inputs.
            if (!team.shared(gone && left > 0))
                throw;
        }
    }
}

} // namespace fa::harness
