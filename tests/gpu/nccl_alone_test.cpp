/// A communicator of one rank on one GPU: NCCL is there and does what is asked, its errors have its words.
#include "diagnostics/gpu_error.hpp"
#include "tests/gpu/nccl_ranks.hpp"

#include <string>

using fa::gpu_test::check;
using fa::harness::NcclCommunicator;

namespace {

const at::Device gpu(at::kCUDA, 0);

void one_rank_gathers_and_sums()
{
    const NcclCommunicator alone(NcclCommunicator::unique_id(), 0, 1, gpu);
    fa::gpu_test::check_calls(alone, 0, 1, gpu);
}

void errors_say_which_call_failed()
{
    try {
        const NcclCommunicator none(NcclCommunicator::unique_id(), 5, 1, gpu);
        check(false, "rank 5 of 1 is refused");
    } catch (const fa::diagnostics::GpuError& error) {
        const std::string text = error.what();
        check(text.starts_with("ncclCommInitRank: "), text.c_str());
    }
}

/// As where an exception goes through a team that has work under way; it must not wait for anyone.
void a_communicator_can_be_left_in_the_middle()
{
    try {
        const NcclCommunicator left(NcclCommunicator::unique_id(), 0, 1, gpu);
        throw std::runtime_error("something else");
    } catch (const std::runtime_error&) {
    }
    one_rank_gathers_and_sums();
}

void all()
{
    one_rank_gathers_and_sums();
    errors_say_which_call_failed();
    a_communicator_can_be_left_in_the_middle();
}

} // namespace

int main()
{
    return fa::gpu_test::run(all);
}
