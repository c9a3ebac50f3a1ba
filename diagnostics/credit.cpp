#include "diagnostics/credit.hpp"

#include <utility>

namespace fa::diagnostics {

FeedbackCredit::FeedbackCredit(jobs::Credit credit, jobs::Loss loss, std::vector<at::Tensor> feedback,
                               std::optional<models::HiddenStates> plain)
    : credit_(credit), loss_(loss), propagation_(propagation_of(credit, plain)),
      feedback_(std::move(feedback))
{
}

std::vector<at::Tensor> FeedbackCredit::gates_of(const CreditContext& context) const
{
    return is_gated(propagation_) ? context.network.gates(context.inputs) : std::vector<at::Tensor>{};
}

std::vector<at::Tensor> FeedbackCredit::carried_down(const at::Tensor& input,
                                                     const std::vector<at::Tensor>& gates) const
{
    std::vector<at::Tensor> credit(feedback_.size());
    at::Tensor rows = input; // what the layer's matrix multiplies
    for (std::size_t l = feedback_.size(); l-- > 0;) {
        const at::Tensor product = rows.matmul(feedback_[l].to(rows.options()).t());
        const bool skip = propagation_ == Propagation::residual_chain && l + 1 < feedback_.size();
        const at::Tensor gated = gates.empty() ? product : product * gates[l].to(product.options());
        credit[l] = propagation_ == Propagation::gated_chain ? product : gated;
        if (skip)
            credit[l] += credit[l + 1];
        if (is_gated(propagation_))
            rows = gated;
        else if (is_chain(propagation_))
            rows = credit[l];
    }
    return credit;
}

std::vector<SampleVectors> FeedbackCredit::of_output(const OutputError& output, const at::Tensor& labels,
                                                     const std::vector<at::Tensor>& gates) const
{
    const auto input = feedback_input(credit_, loss_, output, labels);
    std::vector<SampleVectors> layers;
    for (const at::Tensor& rows : carried_down(input.unit, gates))
        layers.push_back(sample_vectors(rows, input.norm));
    return layers;
}

std::vector<SampleVectors> FeedbackCredit::of_output(const OutputError& output,
                                                     const at::Tensor& labels) const
{
    return of_output(output, labels, {});
}

CreditVectors FeedbackCredit::operator()(const CreditContext& context, const OutputError& output) const
{
    return {.layers = of_output(output, context.labels, gates_of(context)), .residual = {}};
}

std::vector<at::Tensor> FeedbackCredit::of_error(const at::Tensor& error, const at::Tensor& labels) const
{
    return carried_down(feedback_input(credit_, loss_, error, labels), {});
}

std::vector<at::Tensor> FeedbackCredit::in_float32(const CreditContext& context,
                                                   const at::Tensor& error) const
{
    return carried_down(feedback_input(credit_, loss_, error, context.labels), gates_of(context));
}

CreditVectors CallbackCredit::operator()(const CreditContext& context, const OutputError&) const
{
    CreditVectors credit;
    for (const at::Tensor& rows : context.network.local_credit(context.inputs, context.labels))
        credit.layers.push_back(sample_vectors(rows.detach().to(at::kDouble).contiguous()));
    return credit;
}

std::vector<at::Tensor> CallbackCredit::in_float32(const CreditContext& context, const at::Tensor&) const
{
    auto credit = context.network.local_credit(context.inputs, context.labels);
    for (at::Tensor& rows : credit)
        rows = rows.detach();
    return credit;
}

} // namespace fa::diagnostics
