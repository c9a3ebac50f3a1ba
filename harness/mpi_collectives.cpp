#include "harness/mpi_collectives.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/slabs.hpp"

#include <cstddef>
#include <span>

namespace fa::harness {
namespace {

std::span<std::byte> bytes_of(const at::Tensor& tensor)
{
    return {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

class MpiCollectives final : public Collectives {
  public:
    explicit MpiCollectives(const comm::Communicator& team) : Collectives(at::kCPU), team_(team) {}

    void all_gather(const at::Tensor& mine, at::Tensor& all) const override
    {
        team_.all_gather(bytes_of(mine), bytes_of(all));
    }
    void sum(at::Tensor& counts) const override
    {
        team_.sum({reinterpret_cast<std::uint64_t*>(counts.data_ptr<std::int64_t>()),
                   static_cast<std::size_t>(counts.numel())});
    }
    std::string name() const override { return "MPI"; }

  private:
    const comm::Communicator& team_;
};

class StagedMpiCollectives final : public Collectives {
  public:
    StagedMpiCollectives(const comm::Communicator& team, at::Device device, std::int64_t slab_bytes)
        : Collectives(device), team_(team), direct_(team), slab_bytes_(slab_bytes)
    {
    }

    void all_gather(const at::Tensor& mine, at::Tensor& all) const override
    {
        if (on_host(mine) && on_host(all))
            return direct_.all_gather(mine, all);
        const auto ranks = team_.size();
        const auto length = slab_length(mine.numel(), ranks, slab_bytes_);
        at::Tensor buffer;
        comm::together(team_, [&] { buffer = host_memory(length * ranks); });
        for (const auto slab : slabs(mine.numel(), length)) {
            auto gathered = buffer.narrow(0, 0, slab.size() * ranks).view({ranks, slab.size()});
            auto own = gathered.select(0, team_.rank());
            own.copy_(mine.narrow(0, slab.begin, slab.size()));
            direct_.all_gather(own, gathered);
            for (int rank = 0; rank < ranks; ++rank) // in one piece each: no memory of the device beside
                all.select(0, rank).narrow(0, slab.begin, slab.size()).copy_(gathered.select(0, rank));
        }
    }
    void sum(at::Tensor& counts) const override
    {
        if (on_host(counts))
            return direct_.sum(counts);
        at::Tensor host;
        comm::together(team_, [&] { host = counts.to(at::kCPU, at::kLong, false, true); });
        direct_.sum(host);
        counts.copy_(host);
    }
    std::string name() const override { return direct_.name(); }

  private:
    /// Does MPI take it as it is? (Nothing does where the device is the CPU: so tests see the detour.)
    bool on_host(const at::Tensor& tensor) const { return tensor.is_cpu() && !device().is_cpu(); }
    at::Tensor host_memory(std::int64_t bytes) const
    {
        return at::empty({bytes}, at::TensorOptions(at::kByte).pinned_memory(device().is_cuda()));
    }

    const comm::Communicator& team_;
    MpiCollectives direct_;
    std::int64_t slab_bytes_;
};

} // namespace

std::unique_ptr<const Collectives> mpi_collectives(const comm::Communicator& team)
{
    return std::make_unique<MpiCollectives>(team);
}

std::unique_ptr<const Collectives> staged_mpi_collectives(const comm::Communicator& team, at::Device device,
                                                          std::int64_t slab_bytes)
{
    return std::make_unique<StagedMpiCollectives>(team, device, slab_bytes);
}

} // namespace fa::harness
