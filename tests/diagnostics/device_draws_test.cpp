/// The device's draws, their kernel run by the host, against the CPU's bit for bit.
#include "diagnostics/cuda/device_source.hpp"
#include "diagnostics/cuda/draw_kernels.hpp"
#include "diagnostics/draws.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

using namespace fa;
using diagnostics::DrawSpec;
using jobs::Distribution;
namespace device = diagnostics::device;

namespace {

DrawSpec spec_of(Distribution distribution, const std::vector<models::MatrixShape>& shapes)
{
    DrawSpec spec{.seed = 0x123456789ABCDEF0,
                  .distribution = distribution,
                  .shapes = shapes,
                  .scale = {},
                  .shared = false,
                  .permuted = {}};
    for (std::size_t l = 0; l < shapes.size(); ++l)
        spec.scale.push_back(0.1 + 0.3 * static_cast<double>(l));
    return spec;
}

/// Draws first … of some layers into memory full of NaN.
template <typename Real>
std::vector<Real> made(const device::GammaPlan& plan, std::int64_t first, std::int64_t draws, bool stacked,
                       std::size_t layer = 0, std::int64_t layers = 1)
{
    std::vector<Real> memory(static_cast<std::size_t>(draws * plan.entries()),
                             std::numeric_limits<Real>::quiet_NaN());
    const std::int64_t blocks = (plan.largest_matrix() + 3) / 4;
    const device::MakeDraws<Real> kernel{
        plan.draws, plan.seed, plan.layers.data() + layer, first, draws, blocks, stacked, memory.data()};
    for (std::int64_t index = 0; index < layers * draws * blocks; ++index)
        kernel(index);
    return memory;
}

bool same_bits(float a, float b)
{
    return std::memcmp(&a, &b, sizeof a) == 0;
}

class EveryDeviceDistribution : public testing::TestWithParam<Distribution> {};

} // namespace

TEST_P(EveryDeviceDistribution, SideBySideIsTheCpusDraw)
{
    for (const std::int64_t classes : {10, 7, 1, 3}) { // blocks of words end inside rows, too
        const auto spec = spec_of(GetParam(), {{33, classes}, {1, classes}, {257, classes}});
        const std::int64_t draws = 5, first = 1000003;
        const auto plan = device::gamma_plan(spec, 1, 1, draws);
        const auto memory = made<float>(plan, first, draws, false, 0, 3);
        for (std::int64_t l = 0; l < 3; ++l) {
            const auto& layer = plan.layers[static_cast<std::size_t>(l)];
            for (std::int64_t r = 0; r < draws; ++r) {
                const at::Tensor expected = draw(spec, first + r, l);
                const float* joined = memory.data() + draws * layer.first_entry + r * classes;
                for (std::int64_t e = 0; e < expected.numel(); ++e)
                    ASSERT_TRUE(same_bits(joined[e / classes * draws * classes + e % classes],
                                          expected.const_data_ptr<float>()[e]))
                        << "layer " << l << ", draw " << r << ", entry " << e;
            }
        }
    }
}

TEST_P(EveryDeviceDistribution, OneAfterTheOtherIsTheCpusDrawInDouble)
{
    const auto spec = spec_of(GetParam(), {{33, 17}, {17, 6}});
    const auto plan = device::gamma_plan(spec, 1, 1, 3);
    for (std::size_t l = 0; l < 2; ++l) {
        const auto memory = made<double>(plan, 7, 3, true, l);
        for (std::int64_t r = 0; r < 3; ++r) {
            const at::Tensor expected = draw(spec, 7 + r, static_cast<std::int64_t>(l));
            for (std::int64_t e = 0; e < expected.numel(); ++e)
                ASSERT_EQ(memory[static_cast<std::size_t>(r * expected.numel() + e)],
                          static_cast<double>(expected.const_data_ptr<float>()[e]));
        }
    }
}

TEST_P(EveryDeviceDistribution, DoesNotDependOnWhereABlockBegins)
{
    const auto plan = device::gamma_plan(spec_of(GetParam(), {{20, 3}}), 1, 1, 6);
    const auto all = made<double>(plan, 40, 6, true);
    const auto last = made<double>(plan, 43, 3, true);
    for (std::size_t e = 0; e < last.size(); ++e)
        ASSERT_EQ(last[e], all[e + 3 * 60]);
}

INSTANTIATE_TEST_SUITE_P(All, EveryDeviceDistribution,
                         testing::Values(Distribution::normal, Distribution::uniform,
                                         Distribution::rademacher),
                         [](const auto& distribution) { return jobs::to_string(distribution.param); });
