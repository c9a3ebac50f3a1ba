/// Γ by a GPU against the CPU's engine, and its bits from run to run.
#include "tests/diagnostics/gamma_problem.hpp"
#include "tests/gpu/gpu_test.hpp"
#include "tests/gpu/the_gpu.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cstring>
#include <deque>
#include <sstream>
#include <vector>

using namespace fa;
using namespace fa::testing;
using diagnostics::FreshGamma;
using diagnostics::GammaInputs;
using diagnostics::Propagation;
using fa::gpu_test::check;

namespace {

constexpr double tolerance = 2e-6; // of the engine, in float32 (issue 3)

std::string words(const Shape& shape)
{
    std::ostringstream text;
    PrintTo(shape, &text);
    return text.str();
}

std::vector<GammaInputs> batches_of(const Shape& shape, std::uint64_t count)
{
    std::vector<GammaInputs> batches;
    for (std::uint64_t b = 0; b < count; ++b) {
        auto raw = raw_batch(shape, 100 + b);
        if (b == 1) { // what is undefined on the CPU is on the GPU
            raw.error[0].zero_();
            raw.gradient[0][shape.samples - 1].zero_();
        }
        batches.push_back(gamma_inputs(raw));
    }
    return batches;
}

std::vector<GammaInputs> sent(std::vector<GammaInputs> batches)
{
    for (auto& batch : batches) {
        for (auto* tensors : {&batch.reference, &batch.gate})
            for (auto& tensor : *tensors)
                tensor = tensor.to(gpu_test::gpu());
        for (auto* tensor : {&batch.input, &batch.gradient_norm, &batch.input_norm, &batch.gate_size})
            if (tensor->defined())
                *tensor = tensor->to(gpu_test::gpu());
    }
    return batches;
}

FreshGamma rows_of(const FreshGamma& all, jobs::Range draws)
{
    const auto rows = [&](const at::Tensor& table) { return table.narrow(0, draws.begin, draws.size()); };
    return {.gamma = rows(all.gamma),
            .batchvec = rows(all.batchvec),
            .flat = rows(all.flat),
            .concat = rows(all.concat)};
}

FreshGamma by_gpu(const diagnostics::DrawSpec& spec, const std::vector<GammaInputs>& batches,
                  const Shape& shape, std::int64_t block, int in_flight)
{
    const auto count = static_cast<std::int64_t>(batches.size()),
               layers = static_cast<std::int64_t>(shape.widths.size());
    const auto room = [&](at::IntArrayRef sizes) { return at::full(sizes, -7.0, at::kFloat); };
    const FreshGamma all{.gamma = room({shape.draws, shape.samples * count, layers}),
                         .batchvec = room({shape.draws, count, layers}),
                         .flat = room({shape.draws, count, layers}),
                         .concat = room({shape.draws, shape.samples * count})};
    const auto source = gpu_test::gamma_source({spec, batches, shape.samples, block}, in_flight);
    std::deque<jobs::Range> under_way;
    const auto finish = [&] {
        source->finish(rows_of(all, under_way.front()));
        under_way.pop_front();
    };
    for (std::int64_t first = 0; first < shape.draws; first += block) {
        if (static_cast<int>(under_way.size()) == in_flight)
            finish();
        under_way.push_back({first, std::min(first + block, shape.draws)});
        source->begin(under_way.back());
    }
    while (!under_way.empty())
        finish();
    return all;
}

FreshGamma by_cpu(const diagnostics::DrawSpec& spec, const std::vector<GammaInputs>& batches,
                  const Shape& shape)
{
    const auto draws = diagnostics::draw_block(spec, {0, shape.draws});
    std::vector<at::Tensor> gamma, batchvec, flat, concat;
    for (const auto& batch : batches) {
        const auto one = diagnostics::gamma_of_draws(shape.propagation, batch, draws);
        gamma.push_back(one.gamma);
        batchvec.push_back(one.batchvec.unsqueeze(1));
        flat.push_back(one.flat.unsqueeze(1));
        concat.push_back(one.concat);
    }
    return {at::cat(gamma, 1), at::cat(batchvec, 1), at::cat(flat, 1), at::cat(concat, 1)};
}

std::vector<std::pair<const char*, at::Tensor>> named(const FreshGamma& gamma)
{
    return {
        {"gamma", gamma.gamma}, {"batchvec", gamma.batchvec}, {"flat", gamma.flat}, {"concat", gamma.concat}};
}

bool same_bits(const FreshGamma& a, const FreshGamma& b)
{
    bool same = true;
    for (std::size_t k = 0; k < 4; ++k) {
        const at::Tensor x = named(a)[k].second, y = named(b)[k].second;
        same = same && std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
    }
    return same;
}

void compare(const FreshGamma& actual, const FreshGamma& expected, const std::string& what)
{
    for (std::size_t k = 0; k < 4; ++k) {
        const auto [name, a] = named(actual)[k];
        const at::Tensor e = named(expected)[k].second;
        check(at::equal(a.isnan(), e.isnan()),
              fmt::format("{}: {} is undefined where the CPU's is", what, name).c_str());
        const double difference = (a - e).to(at::kDouble).nan_to_num(0.0).abs().max().item<double>();
        check(difference <= tolerance, fmt::format("{}: {} differs from the CPU's by at most {} (by {})",
                                                   what, name, tolerance, difference)
                                           .c_str());
    }
}

void measure(const Shape& shape, jobs::Distribution distribution = jobs::Distribution::normal,
             bool shared = false)
{
    auto spec = draw_spec(shape);
    spec.distribution = distribution;
    spec.shared = shared;
    const auto batches = batches_of(shape, 3);
    const auto on_gpu = sent(batches);
    const std::int64_t block = (shape.draws + 1) / 2;
    const auto what = words(shape) + ", " + jobs::to_string(distribution);
    const auto actual = by_gpu(spec, on_gpu, shape, block, 2);
    compare(actual, by_cpu(spec, batches, shape), what);
    check(same_bits(by_gpu(spec, on_gpu, shape, block, 2), actual),
          (what + ": a second run has the bits of the first").c_str());
    check(same_bits(by_gpu(spec, on_gpu, shape, block, 1), actual),
          (what + ": one block at a time has the bits of two").c_str());
}

/// Whether a block is computed by itself or among others, as by another rank.
void blocks_do_not_depend_on_each_other()
{
    const Shape shape{32, {64, 64}, 10, 12};
    const auto spec = draw_spec(shape);
    const auto batches = sent(batches_of(shape, 2));
    const auto all = by_gpu(spec, batches, shape, 4, 2);
    const auto source = gpu_test::gamma_source({spec, batches, shape.samples, 4}, 1);
    const FreshGamma alone{at::empty({4, 64, 2}), at::empty({4, 2, 2}), at::empty({4, 2, 2}),
                           at::empty({4, 64})};
    source->begin({8, 12});
    source->finish(alone);
    check(same_bits(alone, rows_of(all, {8, 12})), "a block alone has the bits that it has among others");
}

void all()
{
    for (const auto rule : {Propagation::direct, Propagation::chain, Propagation::residual_chain,
                            Propagation::gated_chain, Propagation::gated_chain_before}) {
        measure({128, {256, 256, 256}, 10, 9, rule});
        measure({7, {2, 2, 2}, 3, 40, rule}); // cancellation is common here
        for (const auto distribution :
             {jobs::Distribution::uniform, jobs::Distribution::rademacher, jobs::Distribution::orthogonal})
            measure({16, {24, 24}, 6, 5, rule}, distribution);
        measure({16, {6, 6, 6}, 6, 5, rule}, jobs::Distribution::normal, true);
    }
    measure({9, {40, 256, 7, 33}, 10, 5});
    measure({9, {40, 256, 7, 33}, 10, 5, Propagation::chain});
    measure({128, {768, 768}, 100, 6}); // Gram matrices by cuBLAS
    measure({64, {64, 64}, 300, 4});    // C > d
    measure({1, {1}, 1, 1});
    blocks_do_not_depend_on_each_other();
}

} // namespace

int main()
{
    return gpu_test::run(all);
}
