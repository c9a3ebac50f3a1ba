/// Random numbers against as many of torch::randn's.
#include "bench/subject.hpp"
#include "diagnostics/draw_block.hpp"
#include "jobs/plan.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace fa::bench {
namespace {

/// Everything that one run needs: R draws of L+1 matrices [d, C].
struct Need {
    std::int64_t draws, layers, width, classes;
};

Need need_of(Size size)
{
    if (size == Size::tiny)
        return {.draws = 3, .layers = 2, .width = 16, .classes = 4};
    return {.draws = 200, .layers = 5, .width = 256, .classes = 10};
}

diagnostics::DrawSpec spec_of(const Need& need)
{
    const auto layers = static_cast<std::size_t>(need.layers);
    diagnostics::DrawSpec spec;
    spec.shapes.assign(layers, {need.width, need.classes});
    spec.scale = diagnostics::default_feedback_scale(spec.shapes);
    return spec;
}

/// Matrix by matrix on both sides: scale included, and a tensor of its own for each.
Sides normals(Size size)
{
    const Need need = need_of(size);
    const double scale = 1.0 / std::sqrt(static_cast<double>(need.classes));
    const auto bare = [need] {
        for (std::int64_t matrix = 0; matrix < need.draws * need.layers; ++matrix)
            keep(at::randn({need.width, need.classes}, at::kFloat));
    };
    const auto ours = [need, scale] {
        for (std::int64_t r = 0; r < need.draws; ++r) {
            for (std::int64_t l = 0; l < need.layers; ++l) {
                auto matrix = at::empty({need.width, need.classes}, at::kFloat);
                const random::Stream stream{.draw = static_cast<std::uint32_t>(r),
                                            .layer = static_cast<std::uint32_t>(l)};
                random::fill_normal(
                    stream, 0, scale,
                    {matrix.mutable_data_ptr<float>(), static_cast<std::size_t>(matrix.numel())});
                keep(matrix);
            }
        }
    };
    const auto in_blocks = [spec = spec_of(need), need] {
        diagnostics::DrawBlock block;
        diagnostics::DrawScratch scratch;
        for (const auto& draws : jobs::draw_blocks(need.draws)) {
            diagnostics::make_block(spec, draws, block, scratch);
            keep(block);
        }
    };
    return {{"bare", bare}, {"ours", ours}, {"in_blocks", in_blocks}};
}

} // namespace

std::map<std::string, Benchmark> draws_benchmarks()
{
    return {{"draws", normals}};
}

} // namespace fa::bench
