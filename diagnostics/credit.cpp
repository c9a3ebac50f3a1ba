#include "diagnostics/credit.hpp"

namespace fa::diagnostics {

std::vector<SampleVectors> DirectFeedback::operator()(const OutputError& output, const at::Tensor&) const
{
    std::vector<SampleVectors> signals;
    for (const at::Tensor& feedback : feedback_)
        signals.push_back(
            sample_vectors(output.unit.matmul(feedback.to(output.unit.options()).t()), output.norm));
    return signals;
}

std::vector<at::Tensor> DirectFeedback::in_float32(const at::Tensor& error, const at::Tensor&) const
{
    std::vector<at::Tensor> signals;
    for (const at::Tensor& feedback : feedback_)
        signals.push_back(error.matmul(feedback.to(error.options()).t()));
    return signals;
}

} // namespace fa::diagnostics
