/// A rank on each GPU here, as threads of one process: what they gather and sum over NCCL.
#include "tests/gpu/nccl_ranks.hpp"

#include <cuda_runtime_api.h>

#include <future>
#include <vector>

using fa::harness::NcclCommunicator;

namespace {

void each_gpu_sees_all()
{
    int gpus = 0;
    cudaGetDeviceCount(&gpus);
    const auto id = NcclCommunicator::unique_id();
    std::vector<std::future<void>> ranks;
    for (int rank = 0; rank < gpus; ++rank)
        ranks.push_back(std::async(std::launch::async, [&id, rank, gpus] {
            const at::Device device(at::kCUDA, static_cast<at::DeviceIndex>(rank));
            const NcclCommunicator communicator(id, rank, gpus, device);
            fa::gpu_test::check_calls(communicator, rank, gpus, device);
        }));
    for (auto& rank : ranks)
        rank.get();
}

} // namespace

int main()
{
    return fa::gpu_test::run(each_gpu_sees_all, 2);
}
