#include "diagnostics/credit.hpp"

#include <utility>

namespace fa::diagnostics {

FeedbackCredit::FeedbackCredit(jobs::Credit credit, jobs::Loss loss, std::vector<at::Tensor> feedback)
    : credit_(credit), loss_(loss), feedback_(std::move(feedback))
{
}

std::vector<at::Tensor> FeedbackCredit::carried_down(const at::Tensor& input) const
{
    const Propagation propagation = propagation_of(credit_);
    std::vector<at::Tensor> credit(feedback_.size());
    for (std::size_t l = feedback_.size(); l-- > 0;) {
        const bool from_above = propagation != Propagation::direct && l + 1 < feedback_.size();
        const at::Tensor& rows = from_above ? credit[l + 1] : input;
        credit[l] = rows.matmul(feedback_[l].to(rows.options()).t());
        if (from_above && propagation == Propagation::residual_chain)
            credit[l] += credit[l + 1];
    }
    return credit;
}

std::vector<SampleVectors> FeedbackCredit::of_output(const OutputError& output,
                                                     const at::Tensor& labels) const
{
    const auto input = feedback_input(credit_, loss_, output, labels);
    std::vector<SampleVectors> layers;
    for (const at::Tensor& rows : carried_down(input.unit))
        layers.push_back(sample_vectors(rows, input.norm));
    return layers;
}

CreditVectors FeedbackCredit::operator()(const CreditContext& context, const OutputError& output) const
{
    return {.layers = of_output(output, context.labels), .residual = {}};
}

std::vector<at::Tensor> FeedbackCredit::of_error(const at::Tensor& error, const at::Tensor& labels) const
{
    return carried_down(feedback_input(credit_, loss_, error, labels));
}

std::vector<at::Tensor> FeedbackCredit::in_float32(const CreditContext& context,
                                                   const at::Tensor& error) const
{
    return of_error(error, context.labels);
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
