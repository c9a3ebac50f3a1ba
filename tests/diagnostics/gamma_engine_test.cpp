#include "tests/diagnostics/gamma_results.hpp"

#include <c10/util/ThreadLocalDebugInfo.h>
#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>

using namespace fa;
using diagnostics::draw_block;
using diagnostics::DrawBlock;
using diagnostics::Form;
using diagnostics::FreshGamma;
using diagnostics::Propagation;
using namespace fa::testing;

namespace {

class EveryShape : public ::testing::TestWithParam<Shape> {};

} // namespace

TEST_P(EveryShape, AgreesWithSlowLoopsInDouble)
{
    const auto batch = raw_batch(GetParam());
    const auto draws = draws_of(GetParam());
    expect_near(gamma_of_draws(gamma_inputs(batch), draws, GetParam().propagation),
                slow_gamma(batch, draws, GetParam().propagation));
}

class EveryDirectShape : public EveryShape {};

TEST_P(EveryDirectShape, GivesTheSameByGramMatricesAndDirectly)
{
    const auto inputs = gamma_inputs(raw_batch(GetParam()));
    const auto draws = draws_of(GetParam());
    expect_near(gamma_of_draws(inputs, in_form(Form::gram, draws)),
                gamma_of_draws(inputs, in_form(Form::direct, draws)));
}

INSTANTIATE_TEST_SUITE_P(
    Chains, EveryShape,
    ::testing::Values(Shape{16, {256, 256, 256}, 10, 7, Propagation::residual_chain},
                      Shape{16, {256, 256, 256}, 10, 7, Propagation::chain},
                      Shape{6, std::vector<std::int64_t>(13, 48), 10, 3, Propagation::residual_chain},
                      Shape{6, std::vector<std::int64_t>(13, 48), 10, 3, Propagation::chain},
                      Shape{9, {40, 256, 7, 33}, 10, 5, Propagation::chain}, // widths of their own
                      Shape{7, {2, 2, 2}, 3, 40, Propagation::chain},        // cancellation is common here
                      Shape{7, {1, 1, 1}, 2, 40, Propagation::residual_chain},
                      Shape{5, {20}, 4, 3, Propagation::chain}));

INSTANTIATE_TEST_SUITE_P(GatedChains, EveryShape,
                         ::testing::Values(Shape{16, {256, 256, 256}, 10, 7, Propagation::gated_chain},
                                           Shape{16, {256, 256, 256}, 10, 7, Propagation::gated_chain_before},
                                           Shape{9, {40, 256, 7, 33}, 10, 5, Propagation::gated_chain},
                                           Shape{9, {40, 256, 7, 33}, 10, 5, Propagation::gated_chain_before},
                                           Shape{6, std::vector<std::int64_t>(13, 48), 10, 3,
                                                 Propagation::gated_chain}, // gates shrink it by 1e-16
                                           Shape{6, std::vector<std::int64_t>(13, 48), 10, 3,
                                                 Propagation::gated_chain_before},
                                           Shape{1, {5, 4}, 3, 3, Propagation::gated_chain},
                                           Shape{5, {20}, 4, 3, Propagation::gated_chain_before}));

const auto direct_shapes =
    ::testing::Values(Shape{16, {256, 256, 256}, 10, 7}, // the zoo's: Gram matrices
                      Shape{8, {128, 128}, 100, 3},      // C not small against d: direct
                      Shape{8, {64, 64}, 16, 3},         // the last C with Gram matrices at d 64 …
                      Shape{8, {64, 64}, 17, 3},         // … and the first without
                      Shape{5, {3, 4}, 9, 4},            // d < C
                      Shape{9, {40, 256, 7, 33}, 10, 5}, // widths of their own, both forms
                      Shape{6, {12, 12}, 2, 4}, Shape{4, {16, 16}, 1, 3}, Shape{1, {1}, 1, 1},
                      Shape{1, {1, 1}, 2, 2}, Shape{1, {300}, 3, 1});
INSTANTIATE_TEST_SUITE_P(Direct, EveryShape, direct_shapes);
INSTANTIATE_TEST_SUITE_P(Direct, EveryDirectShape, direct_shapes);

TEST(GammaEngine, AgreesWhereColumnsAreNearlyEqual)
{
    // e sums to zero, so equal columns cancel and Be is what is left of them: float32 products lose it.
    const Shape shape{32, {256, 20}, 10, 4};
    auto draws = draws_of(shape);
    for (std::size_t layer = 0; layer < 2; ++layer) {
        auto matrices = plain(draws.layers[layer]);
        for (std::size_t row = 0; row < matrices.size(); row += 10) {
            const float first = matrices[row];
            for (std::size_t j = row; j < row + 10; ++j)
                matrices[j] = first + 3e-3F * matrices[j];
        }
        draws.layers[layer] = packed(matrices, draws.layers[layer], draws.layers[layer].form);
    }
    // Against the float32 unit vectors themselves: their rounding, too, is amplified here.
    const auto inputs = gamma_inputs(raw_batch(shape));
    RawBatch rounded{.gradient = {}, .error = inputs.input.narrow(0, 0, 32).to(at::kDouble)};
    for (const auto& reference : inputs.reference)
        rounded.gradient.push_back(reference.narrow(0, 0, 32).to(at::kDouble));
    const at::Tensor expected = slow_gamma(rounded, draws).gamma;
    EXPECT_TENSOR_NEAR(gamma_of_draws(inputs, in_form(Form::gram, draws)).gamma, expected, tolerance);
    EXPECT_TENSOR_NEAR(gamma_of_draws(inputs, in_form(Form::direct, draws)).gamma, expected, tolerance);
}

TEST(GammaEngine, AgreesForFeedbackOfAnyScale)
{
    const Shape shape{8, {64, 64, 10}, 10, 3};
    const auto batch = raw_batch(shape);
    auto spec = draw_spec(shape);
    spec.scale = {1e10, 1e-10, 1e9};
    const auto draws = draw_block(spec, {0, shape.draws});
    expect_near(gamma_of_draws(gamma_inputs(batch), draws), slow_gamma(batch, draws));
}

TEST(GammaEngine, AgreesForGradientsAndErrorsOfAnySize)
{
    const Shape shape{8, {30, 30, 30}, 5, 3};
    auto batch = raw_batch(shape);
    const at::Tensor size =
        at::pow(10.0, at::linspace(-300, 20, 8, at::TensorOptions(at::kDouble))).unsqueeze(1);
    batch.gradient[0] = batch.gradient[0] * size;
    batch.gradient[1] = batch.gradient[1] * size.flip(0);
    batch.error =
        batch.error * at::pow(10.0, at::linspace(-200, 0, 8, at::TensorOptions(at::kDouble))).unsqueeze(1);
    const auto draws = draws_of(shape);
    expect_near(gamma_of_draws(gamma_inputs(batch), draws), slow_gamma(batch, draws));
}

TEST(GammaEngine, WeighsNothingByTheSizeOfOneSamplesVectors)
{
    const Shape shape{6, {20, 20}, 4, 3};
    auto batch = raw_batch(shape);
    const auto draws = draws_of(shape);
    const auto before = gamma_of_draws(gamma_inputs(batch), draws);
    for (auto& gradient : batch.gradient)
        gradient = gradient * 0x1p-900;
    batch.error = batch.error * 0x1p-600;
    EXPECT_TRUE(same_bits(gamma_of_draws(gamma_inputs(batch), draws), before));
}

TEST(GammaEngine, OfABlockDoesNotDependOnWhatIsComputedBefore)
{
    const Shape shape{7, {50, 50}, 10, 4};
    const auto inputs = gamma_inputs(raw_batch(shape));
    const auto alone = gamma_of_draws(inputs, draw_block(draw_spec(shape), {4, 7}));
    const auto others = gamma_of_draws(inputs, draw_block(draw_spec(shape), {0, 4}));
    const at::Tensor in_the_way = at::empty({12345}, at::kFloat);
    EXPECT_TRUE(same_bits(gamma_of_draws(inputs, draw_block(draw_spec(shape), {4, 7})), alone));
}

TEST(GammaEngine, InUseGivesTheBitsOfANewOne)
{
    for (const auto rule : {Propagation::direct, Propagation::residual_chain, Propagation::gated_chain}) {
        const Shape shape{7, {50, 50}, 10, 4, rule};
        const auto spec = draw_spec(shape);
        diagnostics::GammaEngine engine(rule, spec.shapes, shape.samples, shape.draws);
        for (std::uint64_t seed = 1; seed < 4; ++seed) {
            const auto inputs = gamma_inputs(raw_batch(shape, seed));
            for (const jobs::Range range : {jobs::Range{0, 4}, jobs::Range{4, 6}}) {
                const auto draws = draw_block(spec, range);
                const auto expected = gamma_of_draws(inputs, draws, rule);
                // Into the middle of larger tables, as a run's are.
                const auto room = [&](at::IntArrayRef sizes) { return at::full(sizes, -7.0, at::kFloat); };
                const at::Tensor gamma = room({range.size(), 20, 2}), concat = room({range.size(), 20});
                FreshGamma out{.gamma = gamma.narrow(1, 9, 7),
                               .batchvec = room({range.size(), 3, 2}).select(1, 1),
                               .flat = room({range.size(), 3, 2}).select(1, 2),
                               .concat = concat.narrow(1, 9, 7)};
                engine(inputs, draws, out);
                EXPECT_TRUE(at::equal(out.gamma, expected.gamma));
                EXPECT_TRUE(at::equal(out.batchvec, expected.batchvec));
                EXPECT_TRUE(at::equal(out.flat, expected.flat));
                EXPECT_TRUE(at::equal(out.concat, expected.concat));
                EXPECT_TRUE(gamma.narrow(1, 0, 9).eq(-7.0).all().item<bool>());
                EXPECT_TRUE(gamma.narrow(1, 16, 4).eq(-7.0).all().item<bool>());
            }
        }
    }
}

/// Counts what LibTorch allocates for tensors on this thread.
class CountedAllocations : public c10::MemoryReportingInfoBase {
  public:
    std::int64_t allocations = 0;
    void reportMemoryUsage(void*, std::int64_t size, std::size_t, std::size_t, c10::Device) override
    {
        allocations += size > 0;
    }
    bool memoryProfilingEnabled() const override { return true; }
};

TEST(GammaEngine, AllocatesNoTensorFromBlockToBlock)
{
    for (const auto rule : {Propagation::direct, Propagation::chain, Propagation::gated_chain}) {
        const Shape shape{16, {64, 64, 30}, 10, 8, rule};
        const Shape wide{16, {64, 64}, 60, 8, rule}; // the direct form
        for (const auto& s : {shape, wide}) {
            const auto spec = draw_spec(s);
            const auto inputs = gamma_inputs(raw_batch(s));
            diagnostics::GammaEngine engine(rule, spec.shapes, s.samples, s.draws);
            DrawBlock block;
            diagnostics::DrawScratch scratch;
            auto out = gamma_of_draws(inputs, draw_block(spec, {0, 8}), rule);
            diagnostics::make_block(spec, {0, 8}, block, scratch);
            engine(inputs, block, out);
            const auto counted = std::make_shared<CountedAllocations>();
            const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counted);
            for (std::int64_t begin = 8; begin < 40; begin += 8) {
                diagnostics::make_block(spec, {begin, begin + 8}, block, scratch);
                engine(inputs, block, out);
            }
            EXPECT_EQ(counted->allocations, 0);
            at::empty({100}, at::kFloat);
            EXPECT_EQ(counted->allocations, 1); // it does count
        }
    }
}

TEST(GammaEngine, OfAChainDoesNotFeelTheScaleOfItsMatrices)
{
    // Products of 40 matrices: the float32 range would end at the fourth of them, and squares leave even
    // double's.
    for (const std::size_t layers : {13U, 41U}) {
        const Shape shape{6, std::vector<std::int64_t>(layers, 24), 10, 2, Propagation::chain};
        const auto inputs = gamma_inputs(raw_batch(shape));
        auto spec = draw_spec(shape);
        for (double& scale : spec.scale)
            scale *= 0x1p30;
        const auto draws = draw_block(spec, {0, 2});
        const auto actual = gamma_of_draws(inputs, draws, shape.propagation);
        // The engine's promise, 1e-7 a layer beyond 24.
        const double within = layers > 24 ? 1e-7 * static_cast<double>(layers) : tolerance;
        expect_near(actual, slow_gamma(raw_batch(shape), draws, shape.propagation), within);
        EXPECT_FALSE(actual.concat.eq(0).any().item<bool>());
    }
}

TEST(GammaEngine, OfSharedFeedbackUsesLayerZerosInEveryLayer)
{
    const Shape shape{7, {50, 50}, 10, 4};
    auto spec = draw_spec(shape);
    spec.shared = true;
    const auto batch = raw_batch(shape);
    auto expected = draws_of(shape);
    expected.layers[1] = expected.layers[0];
    expect_near(gamma_of_draws(gamma_inputs(batch), draw_block(spec, {0, 4})), slow_gamma(batch, expected));
}

TEST(GammaEngine, RefusesShapesThatDisagree)
{
    const Shape shape{4, {10, 12}, 3, 2};
    const auto good = gamma_inputs(raw_batch(shape));
    const auto draws = draws_of(shape);
    auto inputs = good;
    inputs.reference.pop_back();
    EXPECT_THROW(gamma_of_draws(inputs, draws), std::invalid_argument);
    inputs = good;
    inputs.reference[1] = at::zeros({5, 10}, at::kFloat);
    EXPECT_THROW(gamma_of_draws(inputs, draws), std::invalid_argument);
    inputs = good;
    inputs.input = at::zeros({5, 2}, at::kFloat);
    EXPECT_THROW(gamma_of_draws(inputs, draws), std::invalid_argument);
    inputs = good;
    inputs.input_norm = at::zeros({5}, at::kDouble);
    EXPECT_THROW(gamma_of_draws(inputs, draws), std::invalid_argument);
}
