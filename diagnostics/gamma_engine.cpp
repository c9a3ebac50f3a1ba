#include "diagnostics/gamma_engine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

/// `from` is [rows, draws] row-major; element (i, r) goes to to[i·row_stride + r·draw_stride].
void scatter(const float* from, std::int64_t rows, std::int64_t draws, float* to, std::int64_t row_stride,
             std::int64_t draw_stride)
{
    for (std::int64_t r = 0; r < draws; ++r)
        for (std::int64_t i = 0; i < rows; ++i)
            to[i * row_stride + r * draw_stride] = from[i * draws + r];
}

std::size_t tables_of_products(Propagation propagation, std::size_t layers)
{
    return propagation == Propagation::direct ? 1 : layers;
}

} // namespace

GammaEngine::GammaEngine(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                         std::int64_t samples, std::int64_t most_draws)
    : shapes_(shapes), samples_(samples), most_draws_(most_draws), reference_(shapes.size()),
      gains_(shapes.size()), lengths_(shapes.size()),
      products_(tables_of_products(propagation, shapes.size()), LayerProducts(samples + 1, most_draws)),
      forms_(samples, static_cast<std::int64_t>(shapes.size()), most_draws)
{
    if (propagation == Propagation::direct)
        direct_.emplace(shapes, samples + 1, most_draws);
    else
        chain_.emplace(propagation, shapes, samples + 1);
    if (is_gated(propagation))
        gates_.emplace(propagation, samples, shapes.size());
}

std::uint64_t GammaEngine::bytes(Propagation propagation, const std::vector<models::MatrixShape>& shapes,
                                 std::int64_t samples, std::int64_t most_draws)
{
    const auto layers = static_cast<std::int64_t>(shapes.size());
    const auto pairs = static_cast<std::uint64_t>((samples + 1) * most_draws);
    return FreshVectorForms::bytes(samples, layers, most_draws) +
           3 * sizeof(float) * pairs * tables_of_products(propagation, shapes.size()) +
           (propagation == Propagation::direct ? DirectProducts::bytes(shapes, samples + 1, most_draws)
                                               : ChainProducts::bytes(propagation, shapes, samples + 1)) +
           (is_gated(propagation) ? GateRows::bytes(samples, shapes.size()) : 0);
}

void GammaEngine::check_gates(const GammaInputs& batch) const
{
    const auto layers = static_cast<std::int64_t>(shapes_.size());
    bool fit =
        batch.gate.size() == shapes_.size() && batch.gate_size.sizes() == at::IntArrayRef{samples_, layers};
    for (std::size_t l = 0; fit && l < shapes_.size(); ++l)
        fit = batch.gate[l].sizes() == at::IntArrayRef{samples_, shapes_[l][0]};
    if (!fit)
        throw std::invalid_argument("the batch's gates don't have a value per sample and unit of each layer");
}

void GammaEngine::check(const GammaInputs& batch, const DrawBlock& draws, const FreshGamma& out) const
{
    const auto refuse = [](const std::string& what) { throw std::invalid_argument(what); };
    const auto layers = static_cast<std::int64_t>(shapes_.size()), count = draws.draws.size();
    if (batch.reference.size() != shapes_.size() || draws.layers.size() != shapes_.size())
        refuse(fmt::format("the batch has {} layers, the draws have {} and the engine {}",
                           batch.reference.size(), draws.layers.size(), layers));
    if (batch.input.sizes() != at::IntArrayRef{samples_ + 1, shapes_.back()[1]})
        refuse(fmt::format("the batch's input is not [{}, {}]", samples_ + 1, shapes_.back()[1]));
    if (batch.input_norm.sizes() != at::IntArrayRef{samples_} ||
        batch.gradient_norm.sizes() != at::IntArrayRef{samples_, layers})
        refuse("the batch's norms don't have one value per sample and layer");
    if (gates_)
        check_gates(batch);
    if (count > most_draws_)
        refuse(fmt::format("a block of {} draws, and the engine has room for {}", count, most_draws_));
    for (std::size_t l = 0; l < shapes_.size(); ++l) {
        const auto [rows, columns] = shapes_[l];
        if (batch.reference[l].sizes() != at::IntArrayRef{samples_ + 1, rows})
            refuse(fmt::format("layer {}: the batch's gradients are not [{}, {}]", l, samples_ + 1, rows));
        if (draws.layers[l].draws != count || draws.layers[l].shape != shapes_[l])
            refuse(fmt::format("layer {}: the draws are not [{}, {}, {}]", l, count, rows, columns));
    }
    if (out.gamma.sizes() != at::IntArrayRef{count, samples_, layers} ||
        out.batchvec.sizes() != at::IntArrayRef{count, layers} ||
        out.flat.sizes() != at::IntArrayRef{count, layers} ||
        out.concat.sizes() != at::IntArrayRef{count, samples_})
        refuse("there is no room for Γ of every draw, sample and layer");
}

void GammaEngine::put(std::size_t layer, const LayerProducts& products, std::span<const float> flat,
                      const FreshGamma& out) const
{
    const auto l = static_cast<std::int64_t>(layer);
    const auto column = [&](const at::Tensor& table) {
        return table.mutable_data_ptr<float>() + l * table.stride(-1);
    };
    const float* of_mean = products.gamma.data() + samples_ * products.draws; // the last row
    scatter(products.gamma.data(), samples_, products.draws, column(out.gamma), out.gamma.stride(1),
            out.gamma.stride(0));
    scatter(of_mean, 1, products.draws, column(out.batchvec), 0, out.batchvec.stride(0));
    scatter(flat.data(), 1, products.draws, column(out.flat), 0, out.flat.stride(0));
}

void GammaEngine::operator()(const GammaInputs& batch, const DrawBlock& draws, const FreshGamma& out)
{
    check(batch, draws, out);
    input_.hold(batch.input);
    for (std::size_t l = 0; l < shapes_.size(); ++l)
        reference_[l] = batch.reference[l].contiguous();
    forms_.begin(batch.gradient_norm, batch.input_norm, draws.draws.size());
    std::transform(draws.layers.begin(), draws.layers.end(), gains_.begin(),
                   [](const LayerDraws& layer) { return layer.gain; });
    relative_lengths(gains_, lengths_);
    if (gates_)
        gates_->hold(batch);
    if (chain_)
        (*chain_)({reference_, input_, gates_ ? &*gates_ : nullptr}, draws, products_);
    for (std::size_t l = 0; l < shapes_.size(); ++l) {
        auto& products = products_[chain_ ? l : 0];
        if (direct_)
            (*direct_)(reference_[l], input_, draws.layers[l], products);
        const auto sizes = gates_ ? gates_->size(l) : std::span<const double>{};
        put(l, products, forms_.add_layer(l, products, lengths_[l], sizes), out);
    }
    const auto concat = forms_.concat();
    scatter(concat.data(), samples_, draws.draws.size(), out.concat.mutable_data_ptr<float>(),
            out.concat.stride(1), out.concat.stride(0));
}

FreshGamma gamma_of_draws(Propagation propagation, const GammaInputs& batch, const DrawBlock& draws)
{
    std::vector<models::MatrixShape> shapes;
    for (const auto& layer : draws.layers)
        shapes.push_back(layer.shape);
    if (shapes.empty())
        throw std::invalid_argument("a block of draws without layers");
    const auto samples = batch.input_norm.size(0), count = draws.draws.size();
    const auto layers = static_cast<std::int64_t>(shapes.size());
    FreshGamma result{.gamma = at::empty({count, samples, layers}, at::kFloat),
                      .batchvec = at::empty({count, layers}, at::kFloat),
                      .flat = at::empty({count, layers}, at::kFloat),
                      .concat = at::empty({count, samples}, at::kFloat)};
    GammaEngine(propagation, shapes, samples, count)(batch, draws, result);
    return result;
}

} // namespace fa::diagnostics
