/// gpu_ratios: Γ of all draws on a GPU against the bare products, draws against torch::randn, and the probe
/// in double against float32. Prints ratios; 77 where there is no GPU. `gpu_ratios --tiny` shows that it
/// runs.
///
/// Both sides of a pair run one after the other, their order turned around each time; a ratio is the median
/// over the pairs.
#include "bench/gamma_problem.hpp"
#include "bench/probe_problem.hpp"
#include "diagnostics/cuda/cuda_block_gamma.hpp"
#include "diagnostics/cuda/cuda_check.hpp"
#include "diagnostics/cuda/device_source.hpp"
#include "diagnostics/gpu_gamma.hpp"
#include "diagnostics/probe.hpp"
#include "jobs/plan.hpp"
#include "models/resmlp.hpp"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace {

using namespace fa;
using bench::GammaProblem;
using bench::GammaShape;
namespace device = diagnostics::device;

void settle()
{
    device::check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

double seconds(const std::function<void()>& call)
{
    settle();
    const auto start = std::chrono::steady_clock::now();
    call();
    settle();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// @param bound  what the ratio should not exceed; 0: there is none
void compare(const char* what, double bound, const std::function<void()>& ours,
             const std::function<void()>& bare)
{
    constexpr int pairs = 9;
    ours(); // kernels are loaded, memory is touched, clocks are up
    bare();
    std::vector<double> ratios, of_ours, of_bare;
    for (int pair = 0; pair < pairs; ++pair) {
        double mine = pair % 2 == 0 ? seconds(ours) : 0.0;
        of_bare.push_back(seconds(bare));
        if (pair % 2 != 0)
            mine = seconds(ours);
        of_ours.push_back(mine);
        ratios.push_back(mine / of_bare.back());
    }
    std::printf("%-58s %8.3f  (%.3f ms / %.3f ms", what, median(ratios), 1e3 * median(of_ours),
                1e3 * median(of_bare));
    bound > 0 ? std::printf("; at most %.1f)\n", bound) : std::printf(")\n");
}

void send(GammaProblem& problem)
{
    for (auto& batch : problem.batches) {
        for (auto& reference : batch.reference)
            reference = reference.to(at::kCUDA);
        for (auto* tensor : {&batch.input, &batch.gradient_norm, &batch.input_norm})
            *tensor = tensor->to(at::kCUDA);
    }
}

/// Draws made, Γ and vector forms in the caller's memory, as a run has them; against products [S, d]·[d,
/// R_b·C], block by block and layer by layer, of matrices that are there.
void time_gamma(const char* what, double bound, const GammaShape& shape)
{
    GammaProblem problem(shape);
    send(problem);
    const auto blocks = jobs::draw_blocks(shape.draws);
    const auto source = diagnostics::gpu_gamma_source(
        {problem.draws, problem.batches, shape.batch_size, jobs::draws_per_block(shape.draws)}, 2);
    const auto room = [](at::IntArrayRef sizes) { return at::zeros(sizes, at::kFloat); };
    const auto most = jobs::draws_per_block(shape.draws);
    const diagnostics::FreshGamma out{.gamma = room({most, shape.samples, shape.layers}),
                                      .batchvec = room({most, shape.batches(), shape.layers}),
                                      .flat = room({most, shape.batches(), shape.layers}),
                                      .concat = room({most, shape.samples})};
    const auto finish = [&](jobs::Range draws) {
        const auto rows = [&](const at::Tensor& table) { return table.narrow(0, 0, draws.size()); };
        source->finish({rows(out.gamma), rows(out.batchvec), rows(out.flat), rows(out.concat)});
    };
    const auto ours = [&] {
        for (std::size_t k = 0; k <= blocks.size(); ++k) {
            if (k < blocks.size())
                source->begin(blocks[k]);
            if (k > 0)
                finish(blocks[k - 1]);
        }
    };
    const auto on_gpu = at::TensorOptions(at::kFloat).device(at::kCUDA);
    const at::Tensor gradients = at::randn({shape.layers, shape.samples, shape.width}, on_gpu);
    const at::Tensor draws = at::randn({shape.layers, shape.width, most * shape.classes}, on_gpu);
    at::Tensor product = at::empty({shape.samples, most * shape.classes}, on_gpu);
    const auto bare = [&] {
        for (const auto& block : blocks)
            for (std::int64_t layer = 0; layer < shape.layers; ++layer) {
                const auto columns = block.size() * shape.classes;
                at::Tensor to = product.narrow(1, 0, columns);
                at::mm_out(to, gradients[layer], draws[layer].narrow(1, 0, columns));
            }
    };
    compare(what, bound, ours, bare);
}

/// All draws of a run, a block at a time; against as many numbers in as many calls.
void time_draws(const char* what, double bound, const GammaShape& shape)
{
    const GammaProblem problem({.samples = 1,
                                .batch_size = 1,
                                .width = shape.width,
                                .classes = shape.classes,
                                .layers = shape.layers,
                                .draws = shape.draws});
    const auto most = jobs::draws_per_block(shape.draws);
    const auto plan = device::gamma_plan(problem.draws, 1, 1, most);
    const auto bytes = static_cast<std::int64_t>(plan.layers.size() * sizeof(device::PlannedLayer));
    at::Tensor layers = at::empty({bytes}, at::kByte);
    std::memcpy(layers.mutable_data_ptr(), plan.layers.data(), static_cast<std::size_t>(bytes));
    layers = layers.to(at::kCUDA);
    at::Tensor joined = at::empty({most * plan.entries()}, at::TensorOptions(at::kFloat).device(at::kCUDA));
    const auto blocks = jobs::draw_blocks(shape.draws);
    const auto ours = [&] {
        for (const auto& block : blocks)
            device::queue_draws(plan, static_cast<const device::PlannedLayer*>(layers.const_data_ptr()),
                                block.begin, block.size(), joined.mutable_data_ptr<float>(), nullptr);
    };
    const auto bare = [&] {
        for (const auto& block : blocks) {
            at::Tensor to = joined.narrow(0, 0, block.size() * plan.entries());
            at::randn_out(to, to.sizes());
        }
    };
    compare(what, bound, ours, bare);
}

/// Forward, seeded backward and norms of one batch, in double against float32 without TF32.
void time_probe(const char* what, const bench::ProbeShape& shape)
{
    const models::ResMlp network(bench::random_weights(shape));
    const auto inputs = at::randn({shape.samples, shape.features}, at::kFloat).to(at::kCUDA);
    const auto labels = at::randint(shape.classes, {shape.samples}, at::kLong).to(at::kCUDA);
    const auto in = [&](at::ScalarType precision) {
        return [&, precision,
                there = std::shared_ptr<const models::Network>(
                    network.to(at::TensorOptions(precision).device(at::kCUDA)))] {
            diagnostics::probe(*there, inputs, labels, jobs::Loss::cross_entropy, precision);
        };
    };
    compare(what, 0.0, in(at::kDouble), in(at::kFloat));
}

/// As fa-harness has it.
void fix_numerics()
{
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 1);
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(false);
}

void time_all(bool tiny)
{
    const at::NoGradGuard no_grad;
    fix_numerics();
    GammaShape large{
        .samples = 8192, .batch_size = 128, .width = 768, .classes = 100, .layers = 13, .draws = 256};
    GammaShape zoo{
        .samples = 1024, .batch_size = 128, .width = 256, .classes = 10, .layers = 5, .draws = 1000};
    if (tiny)
        for (auto* shape : {&large, &zoo}) {
            shape->samples = 256;
            shape->draws = 9;
        }
    time_gamma("gamma / products, S 8192, d 768, C 100, 13 layers, R 256", 1.5, large);
    time_gamma("gamma / products, S 1024, d 256, C 10, 5 layers, R 1000", 2.0, zoo);
    time_draws("draws / randn, d 768, C 100, 13 layers, R 256", 1.5, large);
    time_draws("draws / randn, d 256, C 10, 5 layers, R 1000", 1.5, zoo);
    const bench::ProbeShape wide{.samples = 128, .features = 768, .width = 768, .depth = 12, .classes = 100};
    time_probe("probe, double / float32, d 256, C 10, 5 layers, batch 128",
               tiny ? bench::tiny_probe : bench::zoo_probe);
    time_probe("probe, double / float32, d 768, C 100, 13 layers, batch 128",
               tiny ? bench::tiny_probe : wide);
}

} // namespace

int main(int argc, char** argv)
{
    const bool tiny = argc == 2 && std::string_view(argv[1]) == "--tiny";
    if (argc > 2 || (argc == 2 && !tiny)) {
        std::fprintf(stderr, "usage: gpu_ratios [--tiny]\n");
        return 2;
    }
    int gpus = 0;
    if (cudaGetDeviceCount(&gpus) != cudaSuccess || gpus == 0) {
        std::printf("no GPU here\n");
        return 77;
    }
    try {
        cudaDeviceProp gpu{};
        device::check(cudaGetDeviceProperties(&gpu, 0), "cudaGetDeviceProperties");
        std::printf("%s\n", gpu.name);
        time_all(tiny);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gpu_ratios: %s\n", error.what());
        return 1;
    }
}
