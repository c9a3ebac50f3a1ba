#include "tests/diagnostics/host_executor.hpp"
#include "tests/gpu/gpu_test.hpp"
#include "tests/gpu/the_gpu.hpp"

namespace fa::gpu_test {

at::Device gpu()
{
    return at::kCPU;
}

std::unique_ptr<diagnostics::GammaSource> gamma_source(const diagnostics::GammaTask& task, int in_flight)
{
    const auto plan = diagnostics::device::gamma_plan(
        task.draws, static_cast<std::int64_t>(task.batches.size()), task.batch_size, task.most_draws);
    return std::make_unique<diagnostics::device::DeviceSource>(
        task, plan, in_flight, testing::host_backend(testing::Schedule::as_late_as_possible));
}

void make_draws(const diagnostics::device::GammaPlan& plan, const diagnostics::device::PlannedLayer* layers,
                std::int64_t first, std::int64_t draws, float* out)
{
    testing::HostExecutor(testing::Schedule::at_once)
        .launch(joined_threads(plan, draws), joined_draws(plan, layers, first, draws, out));
}

int run(void (*test)(), int)
{
    return result_of(test);
}

} // namespace fa::gpu_test
