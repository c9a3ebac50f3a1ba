#include "harness/rows.hpp"

#include "store/schema.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

namespace fa::harness {
namespace {

bool ends_with_train(std::string_view name)
{
    return name.ends_with("train") || name == "gamma/train_histogram";
}

/// Pitfall columns that need a credit signal.
bool is_credit_pitfall(std::string_view name)
{
    return name.starts_with("pitfalls/clamped") ||
           (name.starts_with("pitfalls/") && name.ends_with("_gamma"));
}

bool present(std::string_view name, const store::RunAttributes& run)
{
    const bool credit = run.credit != "none";
    if (name == "accuracy/correct")
        return run.test_samples > 0; // a file of tensors may not say it
    if (is_credit_pitfall(name))
        return credit;
    if (name == "relaxation/residual")
        return run.credit == "ep";
    if (!name.starts_with("gamma/"))
        return true;
    if (!credit)
        return false;
    if (ends_with_train(name))
        return run.train_reason.empty();
    if (run.draws == 0)
        return false;
    const bool per_sample = name == "gamma/fresh";
    const bool per_batch = name == "gamma/fresh_mean" || name == "gamma/fresh_median" ||
                           name == "gamma/fresh_iqm" || name == "gamma/fresh_angle" ||
                           name == "gamma/fresh_count";
    return run.keep == "samples" ? !per_batch : !per_sample;
}

at::ScalarType scalar_type(store::Element element)
{
    switch (element) {
    case store::Element::u8:
        return at::kByte;
    case store::Element::i64:
    case store::Element::u64:
        return at::kLong; // counts: never negative
    case store::Element::f32:
        return at::kFloat;
    case store::Element::f64:
        return at::kDouble;
    }
    throw std::logic_error("unknown element type");
}

} // namespace

std::vector<std::string> datasets_of(const store::RunAttributes& attributes)
{
    std::vector<std::string> names;
    for (const auto& dataset : store::run_datasets())
        if (present(dataset.name, attributes))
            names.emplace_back(dataset.name);
    return names;
}

std::uint64_t bytes_of(const store::RunAttributes& attributes)
{
    std::uint64_t bytes = 0;
    for (const auto& name : datasets_of(attributes)) {
        const auto& definition = store::dataset_definition(name);
        std::uint64_t elements = 1;
        for (const auto size : store::shape_of(definition, attributes))
            elements *= size;
        bytes += elements * store::size_of(definition.element);
    }
    return bytes;
}

void Rows::put(const std::string& dataset, const at::Tensor& tensor, std::int64_t first)
{
    rows_[dataset] = {tensor.contiguous(), first};
}

std::vector<store::Slab> Rows::slabs(const store::RunAttributes& attributes) const
{
    std::vector<store::Slab> slabs;
    for (const auto& name : datasets_of(attributes)) {
        const auto& definition = store::dataset_definition(name);
        store::Slab slab{name, store::shape_of(definition, attributes), 0, 0, {}};
        if (const auto found = rows_.find(name); found != rows_.end()) {
            const auto& [tensor, first] = found->second;
            std::int64_t row = 1;
            for (std::size_t axis = 1; axis < slab.shape.size(); ++axis)
                row *= static_cast<std::int64_t>(slab.shape[axis]);
            if (tensor.scalar_type() != scalar_type(definition.element) ||
                tensor.numel() != tensor.size(0) * row)
                throw std::logic_error(
                    fmt::format("{}: measured rows don't have the schema's type or shape", name));
            slab.first_row = static_cast<std::uint64_t>(first);
            slab.rows = static_cast<std::uint64_t>(tensor.size(0));
            slab.bytes = {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
        }
        slabs.push_back(std::move(slab));
    }
    return slabs;
}

} // namespace fa::harness
