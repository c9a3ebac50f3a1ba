#include "diagnostics/cuda/device_source.hpp"

#include "diagnostics/chain_products.hpp"
#include "diagnostics/cuda/block_gamma_of.hpp"
#include "diagnostics/cuda/form_weights.hpp"
#include "diagnostics/gpu_gamma.hpp"
#include "diagnostics/normal.hpp"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

namespace fa::diagnostics::device {
namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw std::invalid_argument(what);
}

DrawKind kind_of(jobs::Distribution distribution)
{
    switch (distribution) {
    case jobs::Distribution::normal:
        return DrawKind::normal;
    case jobs::Distribution::uniform:
        return DrawKind::uniform;
    case jobs::Distribution::rademacher:
        return DrawKind::rademacher;
    case jobs::Distribution::orthogonal:
    case jobs::Distribution::permute:
        break;
    }
    return DrawKind::given;
}

void check_gates(const GammaPlan& plan, const GammaInputs& batch)
{
    bool fit = batch.gate.size() == plan.layers.size() &&
               batch.gate_size.sizes() == at::IntArrayRef{plan.samples, plan.layer_count()};
    for (std::size_t l = 0; fit && l < plan.layers.size(); ++l)
        fit = batch.gate[l].sizes() == at::IntArrayRef{plan.samples, plan.layers[l].width};
    if (!fit)
        refuse("the batch's gates don't have a value per sample and unit of each layer");
}

void check_batch(const GammaPlan& plan, const GammaInputs& batch)
{
    if (batch.reference.size() != plan.layers.size())
        refuse(fmt::format("a batch has {} layers, the draws have {}", batch.reference.size(),
                           plan.layers.size()));
    for (std::size_t l = 0; l < plan.layers.size(); ++l)
        if (batch.reference[l].sizes() != at::IntArrayRef{plan.samples + 1, plan.layers[l].width})
            refuse(fmt::format("layer {}: a batch's gradients are not [{}, {}]", l, plan.samples + 1,
                               plan.layers[l].width));
    if (batch.input.sizes() != at::IntArrayRef{plan.samples + 1, plan.classes()})
        refuse(fmt::format("a batch's input is not [{}, {}]", plan.samples + 1, plan.classes()));
    if (batch.input_norm.sizes() != at::IntArrayRef{plan.samples} ||
        batch.gradient_norm.sizes() != at::IntArrayRef{plan.samples, plan.layer_count()})
        refuse("a batch's norms don't have one value per sample and layer");
    if (plan.gated)
        check_gates(plan, batch);
}

/// A batch's columns of a table [units, rows] of its window.
at::Tensor columns_of(const GammaPlan& plan, const at::Tensor& table, std::int64_t units,
                      std::int64_t first_unit, std::int64_t width, std::int64_t batch)
{
    const std::int64_t window = batch / plan.window_batches, rows = plan.rows(window);
    return table.narrow(0, units * plan.first_row(window), units * rows)
        .view({units, rows})
        .narrow(0, first_unit, width)
        .narrow(1, batch % plan.window_batches * (plan.samples + 1), plan.samples + 1);
}

/// Lengths, which weights are made of on the CPU.
std::vector<GammaInputs> lengths_on_cpu(const std::vector<GammaInputs>& batches)
{
    std::vector<GammaInputs> copies = batches;
    for (auto& batch : copies) {
        batch.gradient_norm = batch.gradient_norm.to(at::kCPU);
        batch.input_norm = batch.input_norm.to(at::kCPU);
        if (batch.gate_size.defined())
            batch.gate_size = batch.gate_size.to(at::kCPU);
    }
    return copies;
}

std::vector<double> lengths_of(const GammaPlan& plan)
{
    std::vector<double> gains, lengths(plan.layers.size());
    for (const auto& layer : plan.layers)
        gains.push_back(layer.gain);
    relative_lengths(gains, lengths);
    return lengths;
}

std::uint64_t input_bytes(const GammaPlan& plan)
{
    const std::int64_t floats = plan.all_rows() * (plan.units() * (plan.gated ? 2 : 1) + plan.classes());
    const std::int64_t doubles =
        plan.layer_count() * (plan.all_rows() * (plan.gated ? 5 : 4) + plan.batches) + plan.all_rows();
    return static_cast<std::uint64_t>(4 * floats + 8 * doubles);
}

} // namespace

GammaPlan gamma_plan(const DrawSpec& draws, std::int64_t batches, std::int64_t batch_size,
                     std::int64_t most_draws)
{
    const auto rule = draws.propagation;
    GammaPlan plan;
    plan.chain = is_chain(rule);
    plan.skip = rule == Propagation::residual_chain;
    plan.gated = is_gated(rule);
    plan.gate_first = rule == Propagation::gated_chain_before;
    plan.shared = draws.shared;
    plan.draws = kind_of(draws.distribution);
    plan.seed = draws.seed;
    plan.samples = batch_size;
    plan.batches = batches;
    plan.most_draws = most_draws;
    for (std::size_t l = 0; l < draws.shapes.size(); ++l) {
        const std::size_t source = draws.shared ? 0 : l;
        const auto [width, columns] = draws.shapes[l];
        if (plan.draws != DrawKind::given &&
            static_cast<std::uint64_t>(width * columns) > random::stream_length)
            throw std::out_of_range("a random matrix may have at most 2^34 elements");
        plan.layers.push_back({.width = width,
                               .columns = columns,
                               .stream = static_cast<std::uint32_t>(source),
                               .scale = draws.scale.empty() ? 1.0 : draws.scale[source],
                               .gain = chain_gain(draws, l)});
    }
    if (plan.layers.empty() || batches < 1 || batch_size < 1 || most_draws < 1)
        refuse("there is no Γ without layers, batches, samples or draws");
    plan.fragile_share = static_cast<float>(fragile_share(plan.classes()));
    cut(plan);
    return plan;
}

DeviceSource::DeviceSource(const GammaTask& task, const GammaPlan& plan, int in_flight,
                           const DeviceBackend& backend)
    : spec_(task.draws), plan_(plan)
{
    if (in_flight < 1)
        refuse(fmt::format("{} blocks of draws cannot be under way", in_flight));
    for (const auto& batch : task.batches)
        check_batch(plan_, batch);
    const at::Device device = task.batches.front().input.device();
    const RunInputs inputs = take_inputs(task);
    const auto bytes = backend.library_bytes + workspace_bytes(plan_, static_cast<std::size_t>(in_flight));
    memory_ = at::empty({static_cast<std::int64_t>(bytes)}, at::TensorOptions(at::kByte).device(device));
    make_slots(in_flight, device.is_cuda());
    blocks_ = backend.make(plan_, inputs,
                           reinterpret_cast<std::byte*>(memory_.mutable_data_ptr<std::uint8_t>()), slots_);
}

RunInputs DeviceSource::take_inputs(const GammaTask& task)
{
    const auto options = at::TensorOptions(at::kFloat).device(task.batches.front().input.device());
    const auto zeros = [&](std::int64_t units) { return at::zeros({units * plan_.all_rows()}, options); };
    const at::Tensor reference = zeros(plan_.units()), input = zeros(plan_.classes());
    const at::Tensor gate = zeros(plan_.gated ? plan_.units() : 0);
    for (std::int64_t b = 0; b < plan_.batches; ++b) {
        const auto& batch = task.batches[static_cast<std::size_t>(b)];
        columns_of(plan_, input, plan_.classes(), 0, plan_.classes(), b).copy_(batch.input.t());
        for (std::size_t l = 0; l < plan_.layers.size(); ++l) {
            const auto& layer = plan_.layers[l];
            const auto of_layer = [&](const at::Tensor& table) {
                return columns_of(plan_, table, plan_.units(), layer.first_unit, layer.width, b);
            };
            of_layer(reference).copy_(batch.reference[l].t());
            if (plan_.gated)
                of_layer(gate).narrow(1, 0, plan_.samples).copy_(batch.gate[l].t());
        }
    }
    auto weights = form_weights(plan_, lengths_on_cpu(task.batches), lengths_of(plan_));
    inputs_ = {reference, input, gate};
    const auto there = [&](const at::Tensor& values) {
        inputs_.push_back(values.to(options.device()));
        return inputs_.back().const_data_ptr<double>();
    };
    return {.reference = reference.const_data_ptr<float>(),
            .input = input.const_data_ptr<float>(),
            .gate = gate.const_data_ptr<float>(),
            .flat_numerator = there(weights.flat_numerator),
            .flat_square = there(weights.flat_square),
            .concat_numerator = there(weights.concat_numerator),
            .concat_square = there(weights.concat_square),
            .flat_gradient = there(weights.flat_gradient),
            .concat_gradient = there(weights.concat_gradient),
            .mean_weight = there(weights.mean)};
}

void DeviceSource::make_slots(int in_flight, bool pinned)
{
    const auto room = [&](std::int64_t floats) {
        host_.push_back(at::empty({floats}, at::TensorOptions(at::kFloat).pinned_memory(pinned)));
        return host_.back().mutable_data_ptr<float>();
    };
    const std::int64_t given = plan_.draws == DrawKind::given ? plan_.most_draws * plan_.entries() : 0;
    for (int slot = 0; slot < in_flight; ++slot)
        slots_.push_back({.results = room(plan_.result_floats(plan_.most_draws)), .given = room(given)});
}

/// Draws that the CPU makes: side by side for direct rules, one after the other for chains.
void DeviceSource::give_draws(jobs::Range draws, float* to)
{
    for (std::int64_t l = 0; l < (plan_.shared ? 1 : plan_.layer_count()); ++l) {
        const auto& layer = plan_.layers[static_cast<std::size_t>(l)];
        const std::int64_t row_stride = plan_.chain ? layer.columns : draws.size() * layer.columns;
        const std::int64_t draw_stride = plan_.chain ? layer.width * layer.columns : layer.columns;
        for (std::int64_t r = 0; r < draws.size(); ++r)
            write_draw(spec_, draws.begin + r, l, to + draws.size() * layer.first_entry + r * draw_stride,
                       row_stride, buffer_);
    }
}

void DeviceSource::begin(jobs::Range draws)
{
    if (draws.size() < 1 || draws.size() > plan_.most_draws)
        refuse(fmt::format("a block of {} draws, and there is room for 1 to {}", draws.size(),
                           plan_.most_draws));
    if (draws.begin < 0 || draws.end - 1 > std::numeric_limits<std::uint32_t>::max())
        throw std::out_of_range(fmt::format("there are no draws {} to {}", draws.begin, draws.end - 1));
    if (under_way_.size() == slots_.size())
        throw std::logic_error(fmt::format("{} blocks of draws are under way already", slots_.size()));
    const std::size_t slot = begun_ % slots_.size();
    if (plan_.draws == DrawKind::given)
        give_draws(draws, slots_[slot].given);
    blocks_->begin(slot, draws.begin, draws.size());
    ++begun_;
    under_way_.push_back({slot, draws.size()});
}

void DeviceSource::finish(const FreshGamma& out)
{
    if (under_way_.empty())
        throw std::logic_error("no block of draws is under way");
    const Block block = under_way_.front();
    const std::int64_t draws = block.draws, layers = plan_.layer_count();
    const std::int64_t samples = plan_.all_samples(), batches = plan_.batches;
    if (out.gamma.sizes() != at::IntArrayRef{draws, samples, layers} ||
        out.batchvec.sizes() != at::IntArrayRef{draws, batches, layers} ||
        out.flat.sizes() != at::IntArrayRef{draws, batches, layers} ||
        out.concat.sizes() != at::IntArrayRef{draws, samples})
        refuse("there is no room for Γ of every draw, sample and layer");
    blocks_->wait(block.slot);
    under_way_.pop_front();
    const Results results(plan_, draws, slots_[block.slot].results);
    const auto put = [](const at::Tensor& to, float* from) {
        to.copy_(at::from_blob(from, to.sizes(), at::TensorOptions(at::kFloat)));
    };
    put(out.gamma, results.gamma);
    put(out.batchvec, results.batchvec);
    put(out.flat, results.flat);
    put(out.concat, results.concat);
}

std::uint64_t workspace_bytes(const GammaPlan& plan, std::size_t slots)
{
    struct Nobody {};
    Arena arena;
    if (plan.chain)
        Workspace<ChainProducts<Nobody>>(plan, slots, arena, chain_products<Nobody>(plan, {}, arena));
    else
        Workspace<DirectProducts<Nobody>>(plan, slots, arena, direct_products<Nobody>(plan, {}, arena));
    return arena.bytes();
}

std::uint64_t DeviceSource::bytes(const GammaPlan& plan, int in_flight, const DeviceBackend& backend)
{
    return input_bytes(plan) + backend.library_bytes +
           workspace_bytes(plan, static_cast<std::size_t>(in_flight));
}

} // namespace fa::diagnostics::device

namespace fa::diagnostics {

std::uint64_t gpu_gamma_bytes(const DrawSpec& draws, std::int64_t batches, std::int64_t batch_size,
                              std::int64_t most_draws, int in_flight)
{
    return device::DeviceSource::bytes(device::gamma_plan(draws, batches, batch_size, most_draws), in_flight,
                                       {.library_bytes = device::cublas_workspace_bytes, .make = {}});
}

} // namespace fa::diagnostics
