#include "harness/batch_layout.hpp"

#include <c10/util/accumulate.h>

#include <stdexcept>

namespace fa::harness {
namespace {

constexpr std::int64_t alignment = 256;

/// The members that travel, in the order of their places.
std::vector<at::Tensor*> tensors_of(diagnostics::GammaInputs& inputs, bool gated)
{
    std::vector<at::Tensor*> all;
    for (auto& layer : inputs.reference)
        all.push_back(&layer);
    all.insert(all.end(), {&inputs.input, &inputs.gradient_norm, &inputs.input_norm});
    if (!gated)
        return all;
    for (auto& layer : inputs.gate)
        all.push_back(&layer);
    all.push_back(&inputs.gate_size);
    return all;
}

} // namespace

BatchLayout::BatchLayout(const store::RunAttributes& run, diagnostics::Propagation propagation)
    : gated_(diagnostics::is_gated(propagation))
{
    for (const auto width : run.width)
        add(directions_, at::kDouble, {width});
    direction_bytes_ = bytes_;
    if (run.draws == 0)
        return;
    const auto samples = run.batch_size;
    for (const auto width : run.width)
        add(gamma_, at::kFloat, {samples + 1, width});
    add(gamma_, at::kFloat, {samples + 1, run.classes});
    add(gamma_, at::kDouble, {samples, run.layers()});
    add(gamma_, at::kDouble, {samples});
    if (!gated_)
        return;
    for (const auto width : run.width)
        add(gamma_, at::kFloat, {samples, width});
    add(gamma_, at::kDouble, {samples, run.layers()});
}

void BatchLayout::add(std::vector<Field>& fields, at::ScalarType type, std::vector<std::int64_t> shape)
{
    const auto size = static_cast<std::int64_t>(at::elementSize(type)) * c10::multiply_integers(shape);
    fields.push_back({.type = type, .shape = std::move(shape), .first = bytes_, .bytes = size});
    bytes_ += (size + alignment - 1) / alignment * alignment;
}

at::Tensor BatchLayout::view(const at::Tensor& bytes, const Field& field)
{
    return bytes.narrow(0, field.first, field.bytes).view(field.type).view(field.shape);
}

void BatchLayout::put(const Field& field, const at::Tensor& tensor, const at::Tensor& to)
{
    if (!tensor.defined() || tensor.sizes() != at::IntArrayRef(field.shape) ||
        tensor.scalar_type() != field.type)
        throw std::logic_error("what was measured of a batch doesn't have the shapes of its run");
    view(to, field).copy_(tensor);
}

void BatchLayout::pack(const diagnostics::GammaInputs& inputs, const std::vector<at::Tensor>& directions,
                       const at::Tensor& to) const
{
    auto copy = inputs; // of the handles
    const auto tensors = has_gamma_inputs() ? tensors_of(copy, gated_) : std::vector<at::Tensor*>();
    if (directions.size() != directions_.size() || tensors.size() != gamma_.size())
        throw std::logic_error("what was measured of a batch doesn't have the layers of its run");
    for (std::size_t i = 0; i < directions.size(); ++i)
        put(directions_[i], directions[i], to);
    for (std::size_t i = 0; i < tensors.size(); ++i)
        put(gamma_[i], *tensors[i], to);
}

std::vector<at::Tensor> BatchLayout::directions(const at::Tensor& from) const
{
    std::vector<at::Tensor> views;
    for (const auto& field : directions_)
        views.push_back(view(from, field));
    return views;
}

diagnostics::GammaInputs BatchLayout::gamma_inputs(const at::Tensor& from) const
{
    diagnostics::GammaInputs inputs;
    inputs.reference.resize(directions_.size());
    inputs.gate.resize(gated_ ? directions_.size() : 0);
    const auto tensors = tensors_of(inputs, gated_);
    for (std::size_t i = 0; i < gamma_.size(); ++i)
        *tensors[i] = view(from, gamma_[i]);
    return inputs;
}

} // namespace fa::harness
