#include "diagnostics/draw_block.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

using namespace fa;
using diagnostics::draw;
using diagnostics::draw_block;
using diagnostics::DrawSpec;
using jobs::Distribution;

namespace {

DrawSpec spec_of(Distribution distribution, const std::vector<std::int64_t>& widths, std::int64_t classes)
{
    DrawSpec spec{
        .seed = 7, .distribution = distribution, .shapes = {}, .scale = {}, .shared = false, .permuted = {}};
    for (const auto width : widths) {
        spec.shapes.push_back({width, classes});
        spec.scale.push_back(0.25);
        if (distribution == Distribution::permute)
            spec.permuted.push_back(at::arange(width * classes, at::kDouble).view({width, classes}));
    }
    return spec;
}

/// Draw r of a block's layer.
at::Tensor cut(const diagnostics::DrawBlock& block, std::size_t layer, std::int64_t r)
{
    std::vector<float> matrix;
    block.layers[layer].unpack(r, matrix);
    const auto [rows, columns] = block.layers[layer].shape;
    return at::tensor(matrix, at::kFloat).view({rows, columns});
}

class EveryDistribution : public testing::TestWithParam<Distribution> {};

} // namespace

TEST_P(EveryDistribution, GivesABlockTheBitsOfItsDraws)
{
    // 1 300 rows of 10: more than the generator takes at once.
    const auto spec = spec_of(GetParam(), {1300, 3, 1}, 10);
    const auto block = draw_block(spec, {5, 9});
    for (std::size_t layer = 0; layer < 3; ++layer)
        for (std::int64_t r = 0; r < 4; ++r)
            EXPECT_TRUE(at::equal(cut(block, layer, r), draw(spec, 5 + r, static_cast<std::int64_t>(layer))))
                << "layer " << layer << ", draw " << 5 + r;
}

TEST_P(EveryDistribution, DoesNotDependOnTheBlocksCuts)
{
    const auto spec = spec_of(GetParam(), {33, 12}, 7);
    const auto whole = draw_block(spec, {0, 6});
    for (const jobs::Range part : {jobs::Range{0, 1}, jobs::Range{1, 4}, jobs::Range{4, 6}}) {
        const auto block = draw_block(spec, part);
        for (std::size_t layer = 0; layer < 2; ++layer)
            for (std::int64_t r = part.begin; r < part.end; ++r)
                EXPECT_TRUE(at::equal(cut(block, layer, r - part.begin), cut(whole, layer, r)));
    }
}

TEST_P(EveryDistribution, GivesDrawsAndLayersDifferentMatrices)
{
    const auto spec = spec_of(GetParam(), {20, 20}, 5);
    EXPECT_FALSE(at::equal(draw(spec, 0, 0), draw(spec, 1, 0)));
    EXPECT_FALSE(at::equal(draw(spec, 0, 0), draw(spec, 0, 1)));
}

TEST_P(EveryDistribution, SharesLayerZerosMatrixWhereFeedbackIsShared)
{
    auto spec = spec_of(GetParam(), {8, 8, 8}, 3);
    spec.shared = true;
    const auto block = draw_block(spec, {0, 2});
    spec.shared = false;
    for (std::size_t layer = 0; layer < 3; ++layer)
        EXPECT_TRUE(at::equal(cut(block, layer, 1), draw(spec, 1, 0)));
}

INSTANTIATE_TEST_SUITE_P(All, EveryDistribution,
                         testing::Values(Distribution::normal, Distribution::uniform,
                                         Distribution::rademacher, Distribution::orthogonal,
                                         Distribution::permute),
                         [](const auto& distribution) { return jobs::to_string(distribution.param); });

class ScaledDistribution : public testing::TestWithParam<Distribution> {};

TEST_P(ScaledDistribution, HasTheStandardDeviationOfItsLayer)
{
    auto spec = spec_of(GetParam(), {400, 400}, 50);
    spec.scale = {1.0, 1e-3};
    for (std::int64_t layer = 0; layer < 2; ++layer) {
        const double square = draw(spec, 3, layer).to(at::kDouble).square().mean().item<double>();
        EXPECT_NEAR(std::sqrt(square) / spec.scale[static_cast<std::size_t>(layer)], 1.0, 0.02);
    }
}

INSTANTIATE_TEST_SUITE_P(All, ScaledDistribution,
                         testing::Values(Distribution::normal, Distribution::uniform,
                                         Distribution::rademacher, Distribution::orthogonal),
                         [](const auto& distribution) { return jobs::to_string(distribution.param); });

TEST(PermutedDraw, HasTheStoredEntriesInAnotherOrder)
{
    const auto spec = spec_of(Distribution::permute, {30}, 4);
    const auto drawn = draw(spec, 2, 0).flatten();
    EXPECT_FALSE(at::equal(drawn, at::arange(120, at::kFloat)));
    EXPECT_TRUE(at::equal(std::get<0>(drawn.sort()), at::arange(120, at::kFloat)));
}

TEST(PermutedDraw, PutsEveryEntryEverywhere)
{
    const auto spec = spec_of(Distribution::permute, {2}, 2);
    at::Tensor counts = at::zeros({4, 4}, at::kDouble); // [place, entry]
    const std::int64_t draws = 4000;
    for (std::int64_t r = 0; r < draws; ++r)
        counts += at::one_hot(draw(spec, r, 0).flatten().to(at::kLong), 4).to(at::kDouble);
    // Four standard deviations of a count with probability 1/4.
    EXPECT_LT((counts - 1000.0).abs().max().item<double>(), 4.0 * std::sqrt(4000 * 0.25 * 0.75));
}

TEST(GramMatrices, ArePackedSoThatTheyGiveTheSquaredLengthOfBe)
{
    const auto spec = spec_of(Distribution::normal, {40}, 6);
    const auto block = draw_block(spec, {0, 3});
    const auto& layer = block.layers[0];
    ASSERT_EQ(layer.form, diagnostics::Form::gram);
    for (std::int64_t r = 0; r < 3; ++r) {
        const at::Tensor error = (at::arange(6, at::kDouble) + r).cos();
        double square = 0.0;
        std::int64_t pair = 0;
        for (std::int64_t j = 0; j < 6; ++j)
            for (std::int64_t k = j; k < 6; ++k, ++pair)
                square += layer.gram[pair][r].item<double>() * (error[j] * error[k]).item<double>();
        const double expected = at::mv(draw(spec, r, 0).to(at::kDouble), error).square().sum().item<double>();
        EXPECT_NEAR(square, expected, 2e-6 * expected);
    }
}

TEST(GramMatrices, AreUsedWhereTheyTakeFewerOperations)
{
    using diagnostics::Form;
    using diagnostics::form_of;
    using diagnostics::Propagation;
    EXPECT_EQ(form_of(Propagation::direct, {256, 10}), Form::gram);
    EXPECT_EQ(form_of(Propagation::direct, {256, 32}), Form::gram);
    EXPECT_EQ(form_of(Propagation::direct, {256, 33}), Form::direct);
    EXPECT_EQ(form_of(Propagation::direct, {768, 100}), Form::direct);
    EXPECT_EQ(form_of(Propagation::direct, {2, 3}), Form::direct);
    EXPECT_EQ(form_of(Propagation::chain, {256, 10}), Form::direct);
    EXPECT_EQ(draw_block(spec_of(Distribution::normal, {2}, 3), {0, 1}).layers[0].gram.numel(), 0);
}

TEST(DrawBlock, KnowsTheLongestColumnOfEachDraw)
{
    const auto spec = spec_of(Distribution::normal, {15}, 4);
    const auto block = draw_block(spec, {2, 5});
    for (std::int64_t r = 0; r < 3; ++r) {
        const auto squares = draw(spec, 2 + r, 0).to(at::kDouble).square().sum(0);
        EXPECT_FLOAT_EQ(block.layers[0].largest[r].item<float>(), squares.max().item<float>());
    }
}

TEST(DrawBlock, IsTheSameInTheMemoryOfAnotherBlock)
{
    auto shared = spec_of(Distribution::normal, {9, 9}, 4);
    shared.shared = true;
    const auto spec = spec_of(Distribution::normal, {9, 12}, 4);
    diagnostics::DrawScratch scratch;
    auto reused = draw_block(shared, {0, 3}); // its layers are one matrix
    for (const jobs::Range draws : {jobs::Range{0, 5}, jobs::Range{5, 7}, jobs::Range{7, 12}}) {
        diagnostics::make_block(spec, draws, reused, scratch);
        const auto fresh = draw_block(spec, draws);
        for (std::size_t layer = 0; layer < 2; ++layer) {
            EXPECT_TRUE(at::equal(reused.layers[layer].panels, fresh.layers[layer].panels));
            EXPECT_TRUE(at::equal(reused.layers[layer].gram, fresh.layers[layer].gram));
            EXPECT_TRUE(at::equal(reused.layers[layer].largest, fresh.layers[layer].largest));
        }
    }
}

TEST(DrawBlock, TakesTheBytesThatAreSaid)
{
    auto spec = spec_of(Distribution::normal, {300, 7, 7}, 5);
    for (const bool shared : {false, true}) {
        if (shared)
            spec = spec_of(Distribution::normal, {7, 7, 7}, 5);
        spec.shared = shared;
        const auto block = draw_block(spec, {0, 6});
        std::uint64_t bytes = 0;
        for (std::size_t l = 0; l < (shared ? 1U : 3U); ++l)
            for (const auto& tensor : {block.layers[l].panels, block.layers[l].gram, block.layers[l].largest})
                bytes += tensor.nbytes();
        EXPECT_EQ(diagnostics::block_bytes(spec.propagation, spec.shapes, shared, 6), bytes);
    }
}

TEST(Draw, RefusesWhatCannotBeDrawn)
{
    const auto good = spec_of(Distribution::normal, {4, 4}, 3);
    EXPECT_THROW(draw(good, -1, 0), std::out_of_range);
    EXPECT_THROW(draw(good, 0, 2), std::out_of_range);
    auto spec = good;
    spec.scale = {0.1};
    EXPECT_THROW(draw(spec, 0, 0), std::invalid_argument);
    for (const double scale : {0.0, -1.0, std::nan(""), 1e-30, 1e30}) {
        spec.scale = {0.1, scale};
        EXPECT_THROW(draw(spec, 0, 0), std::invalid_argument) << scale;
    }
    spec = spec_of(Distribution::permute, {4, 4}, 3);
    spec.permuted[1] = at::zeros({4, 2});
    EXPECT_THROW(draw(spec, 0, 0), std::invalid_argument);
    spec.permuted[1] = at::full({4, 3}, std::nan(""));
    EXPECT_THROW(draw(spec, 0, 0), std::invalid_argument);
    spec = spec_of(Distribution::normal, {4, 5}, 3);
    spec.shared = true;
    EXPECT_THROW(draw_block(spec, {0, 1}), std::invalid_argument);
}
