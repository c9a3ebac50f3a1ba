/// The measurements of a batch under a rule that has no feedback matrices.
#include "diagnostics/equilibrium.hpp"
#include "diagnostics/measure.hpp"
#include "tests/diagnostics/batch_problem.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/thinning_network.hpp"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;

/// A batch through a network with a rule of its own, a_l = (l + 1)·h_l.
struct OwnRule {
    ThinningNetwork network;
    at::Tensor inputs = TwoBlockNetwork::entries({samples, 5}, 1.0, 0.9);
    at::Tensor labels = at::arange(samples, at::TensorOptions(at::kLong)) % 3;

    BatchResult measured(jobs::Credit credit, std::shared_ptr<const CreditSignal> signal)
    {
        network.own_credit = true;
        Evaluation evaluation;
        evaluation.credit = credit;
        evaluation.own_signal = std::move(signal);
        return measure_batch(network, *network.to(at::kFloat), inputs, labels, evaluation);
    }
};

TEST(MeasureBatch, ARuleWithoutFeedbackHasItsGammaTrainAndNothingToDrawFor)
{
    OwnRule problem;
    const auto result = problem.measured(jobs::Credit::callback, std::make_shared<CallbackCredit>());
    const auto& m = result.measured;
    const Probe p = probe(problem.network, problem.inputs, problem.labels, jobs::Loss::cross_entropy);
    for (std::int64_t i = 0; i < samples; ++i) {
        for (std::int64_t l = 0; l < 4; ++l) {
            const auto layer = static_cast<std::size_t>(l);
            const double wanted = cosine(p.hidden[layer], p.gradient[layer], i);
            EXPECT_NEAR(entry(m.gamma_train[i], l), wanted, 1e-14);
            EXPECT_NEAR(entry(m.float32_gamma[i], l), wanted, 1e-4);
        }
        const auto a = at::cat({p.hidden[0], 2 * p.hidden[1], 3 * p.hidden[2], 4 * p.hidden[3]}, 1);
        EXPECT_NEAR(entry(m.concat_train, i), cosine(a, at::cat(p.gradient, 1), i), 1e-14);
    }
    EXPECT_TRUE(m.clamped_new.defined() && m.fp16_gamma.defined());
    EXPECT_TRUE(result.gamma_inputs.reference.empty());
    EXPECT_FALSE(m.relaxation_residual.defined());
}

TEST(MeasureBatch, TheResidualOfARelaxationIsPartOfTheMeasurements)
{
    OwnRule problem;
    const auto signal = std::make_shared<EquilibriumCredit>(jobs::Loss::cross_entropy, jobs::Relaxation{});
    const auto m = problem.measured(jobs::Credit::ep, signal).measured;
    EXPECT_EQ(m.relaxation_residual.sizes(), at::IntArrayRef({samples}));
    EXPECT_TRUE(m.relaxation_residual.lt(1.0).all().item<bool>());
}

/// A rule that forgets the last layer, or gives it another width.
class Misfit final : public CreditSignal {
  public:
    explicit Misfit(bool forgets) : forgets_(forgets) {}
    CreditVectors operator()(const CreditContext& context, const OutputError&) const override
    {
        CreditVectors credit;
        for (const auto& rows : context.hidden)
            credit.layers.push_back(sample_vectors(rows.narrow(1, 0, 4).contiguous()));
        if (forgets_)
            credit.layers.pop_back();
        return credit;
    }
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor&) const override
    {
        return context.hidden;
    }

  private:
    bool forgets_;
};

TEST(MeasureBatch, RefusesARuleWhoseSignalDoesNotFitTheStates)
{
    for (const bool forgets : {true, false})
        EXPECT_THROW(OwnRule().measured(jobs::Credit::callback, std::make_shared<Misfit>(forgets)),
                     std::invalid_argument);
}

} // namespace
} // namespace fa::diagnostics
