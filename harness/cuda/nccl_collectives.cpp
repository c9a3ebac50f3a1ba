#include "harness/nccl_collectives.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/cuda/nccl_communicator.hpp"

namespace fa::harness {
namespace {

class NcclCollectives final : public Collectives {
  public:
    NcclCollectives(const comm::Communicator& team, at::Device device)
        : Collectives(device), team_(team),
          ranks_(team.shared(team.leads() ? NcclCommunicator::unique_id() : ncclUniqueId{}), team.rank(),
                 team.size(), device, [&team] { team.poll(); })
    {
    }

    void all_gather(const at::Tensor& mine, at::Tensor& all) const override
    {
        if (is_here(mine) && is_here(all))
            return ranks_.all_gather(mine, all);
        at::Tensor gathered;
        comm::together(team_, [&] {
            gathered = at::empty(all.sizes(), all.options().device(device()));
            gathered.select(0, team_.rank()).copy_(mine);
        });
        ranks_.all_gather(gathered.select(0, team_.rank()), gathered);
        all.copy_(gathered);
    }
    void sum(at::Tensor& counts) const override
    {
        if (is_here(counts))
            return ranks_.sum(counts);
        at::Tensor summed;
        comm::together(team_, [&] { summed = counts.to(device()); });
        ranks_.sum(summed);
        counts.copy_(summed);
    }
    std::string name() const override { return "NCCL " + NcclCommunicator::version(); }

  private:
    bool is_here(const at::Tensor& tensor) const { return tensor.device() == device(); }

    const comm::Communicator& team_;
    NcclCommunicator ranks_;
};

} // namespace

std::unique_ptr<const Collectives> nccl_collectives(const comm::Communicator& team, at::Device device)
{
    return std::make_unique<NcclCollectives>(team, device);
}

} // namespace fa::harness
