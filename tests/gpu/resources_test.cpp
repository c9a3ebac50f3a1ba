/// What Γ takes of a GPU before it computes: kernels and memory.
#include "diagnostics/gpu_gamma.hpp"
#include "tests/diagnostics/gamma_problem.hpp"
#include "tests/gpu/gpu_test.hpp"

#include <c10/cuda/CUDACachingAllocator.h>
#include <fmt/format.h>

#include <vector>

using namespace fa;
using namespace fa::testing;
using gpu_test::check;

namespace {

diagnostics::GammaInputs batch_on_gpu(const Shape& shape, std::uint64_t seed)
{
    auto batch = gamma_inputs(raw_batch(shape, seed));
    for (auto& reference : batch.reference)
        reference = reference.to(at::kCUDA);
    for (auto* tensor : {&batch.input, &batch.gradient_norm, &batch.input_norm})
        *tensor = tensor->to(at::kCUDA);
    return batch;
}

void kernels_load_before_they_are_launched()
{
    // At the least the draws of each of three distributions, a contraction, lengths and Γ.
    check(diagnostics::load_gpu_kernels(0) >= 6, "kernels are listed, and load");
}

void a_source_takes_the_memory_it_says()
{
    const Shape shape{32, {64, 64}, 10, 4};
    const auto spec = draw_spec(shape);
    const std::vector batches{batch_on_gpu(shape, 1), batch_on_gpu(shape, 2)};
    const auto allocated = [] {
        return c10::cuda::CUDACachingAllocator::getDeviceStats(0).allocated_bytes[0].current;
    };
    const auto before = allocated();
    const auto source = diagnostics::gpu_gamma_source({spec, batches, shape.samples, 4}, 2);
    const auto taken = allocated() - before;
    const auto said = static_cast<std::int64_t>(diagnostics::gpu_gamma_bytes(spec, 2, shape.samples, 4, 2));
    check(taken >= said && taken < said + (std::int64_t{1} << 20),
          fmt::format("{} bytes are said and {} taken", said, taken).c_str()); // the allocator rounds up
}

void all()
{
    kernels_load_before_they_are_launched();
    a_source_takes_the_memory_it_says();
}

} // namespace

int main()
{
    return gpu_test::run(all);
}
