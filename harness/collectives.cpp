#include "harness/collectives.hpp"

#include "harness/mpi_collectives.hpp"
#include "harness/nccl_collectives.hpp"
#include "harness/rank_gpu.hpp"

#include <stdexcept>

namespace fa::harness {
namespace {

/// A team of one.
class OneRank final : public Collectives {
  public:
    using Collectives::Collectives;

    void all_gather(const at::Tensor& mine, at::Tensor& all) const override
    {
        if (mine.data_ptr() != all.data_ptr())
            all.select(0, 0).copy_(mine);
    }
    void sum(at::Tensor&) const override {}
    std::string name() const override { return "one rank"; }
};

} // namespace

std::unique_ptr<const Collectives> make_collectives(const comm::Communicator& team, at::Device device)
{
    if (team.size() == 1)
        return std::make_unique<OneRank>(device);
    const auto gpus = rank_gpus(team, device);
    if (team.any(device.is_cpu()) && team.any(!device.is_cpu()))
        throw std::logic_error("ranks of a team compute on CPUs and on GPUs");
    if (have_gpus_of_their_own(gpus))
        return nccl_collectives(team, device);
    if (device.is_cpu())
        return mpi_collectives(team);
    return staged_mpi_collectives(team, device);
}

} // namespace fa::harness
