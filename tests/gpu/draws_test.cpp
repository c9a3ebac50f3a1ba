/// Draws made by a GPU have the CPU's bits.
#include "diagnostics/draws.hpp"
#include "tests/gpu/gpu_test.hpp"
#include "tests/gpu/the_gpu.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <vector>

using namespace fa;
using fa::gpu_test::check;
using jobs::Distribution;
namespace device = diagnostics::device;

namespace {

diagnostics::DrawSpec spec_of(Distribution distribution, const std::vector<models::MatrixShape>& shapes)
{
    diagnostics::DrawSpec spec{.seed = 0x123456789ABCDEF0,
                               .distribution = distribution,
                               .shapes = shapes,
                               .scale = {},
                               .shared = false,
                               .permuted = {}};
    for (std::size_t l = 0; l < shapes.size(); ++l)
        spec.scale.push_back(0.1 + 0.3 * static_cast<double>(l));
    return spec;
}

/// Draws first … of all layers, [layers, width, R·C], by the GPU.
at::Tensor on_gpu(const device::GammaPlan& plan, std::int64_t first, std::int64_t draws)
{
    const auto bytes = static_cast<std::int64_t>(plan.layers.size() * sizeof(device::PlannedLayer));
    at::Tensor layers = at::empty({bytes}, at::kByte);
    std::memcpy(layers.mutable_data_ptr(), plan.layers.data(), static_cast<std::size_t>(bytes));
    layers = layers.to(gpu_test::gpu());
    const at::Tensor joined = at::full({draws * plan.entries()}, std::numeric_limits<float>::quiet_NaN(),
                                       at::TensorOptions(at::kFloat).device(gpu_test::gpu()));
    gpu_test::make_draws(plan, static_cast<const device::PlannedLayer*>(layers.const_data_ptr()), first,
                         draws, joined.mutable_data_ptr<float>());
    return joined.cpu();
}

void compare(const diagnostics::DrawSpec& spec, std::int64_t first, std::int64_t draws)
{
    const auto plan = device::gamma_plan(spec, 1, 1, draws);
    const at::Tensor joined = on_gpu(plan, first, draws);
    for (std::int64_t l = 0; l < plan.layer_count(); ++l) {
        const auto& layer = plan.layers[static_cast<std::size_t>(l)];
        const at::Tensor of_layer =
            joined.narrow(0, draws * layer.first_entry, draws * layer.width * layer.columns)
                .view({layer.width, draws, layer.columns});
        for (std::int64_t r = 0; r < draws; ++r) {
            const at::Tensor made = of_layer.select(1, r).contiguous(), expected = draw(spec, first + r, l);
            check(std::memcmp(made.const_data_ptr(), expected.const_data_ptr(), expected.nbytes()) == 0,
                  fmt::format("{} [{}, {}]: layer {}, draw {} has the CPU's bits",
                              jobs::to_string(spec.distribution), layer.width, layer.columns, l, first + r)
                      .c_str());
        }
    }
}

void all()
{
    for (const auto distribution : {Distribution::normal, Distribution::uniform, Distribution::rademacher}) {
        for (const std::int64_t classes : {10, 7, 1, 3, 100})
            compare(spec_of(distribution, {{33, classes}, {1, classes}, {769, classes}}), 1000003, 5);
        compare(spec_of(distribution, {{4096, 1000}}), 0, 3); // 12 million entries
        auto shared = spec_of(distribution, {{20, 5}, {20, 5}});
        shared.shared = true;
        compare(shared, 2, 3);
    }
}

} // namespace

int main()
{
    return gpu_test::run(all);
}
