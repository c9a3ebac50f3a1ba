#include "diagnostics/measure.hpp"

#include "diagnostics/equilibrium.hpp"
#include "tests/support/expect_tensor.hpp"
#include "tests/support/naive.hpp"
#include "tests/support/thinning_network.hpp"
#include "tests/support/two_block_network.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
constexpr std::int64_t samples = 6, layers = 3;

struct Problem {
    TwoBlockNetwork network;
    at::Tensor inputs = TwoBlockNetwork::entries({samples, 5}, 1.0, 0.9);
    at::Tensor labels = at::arange(samples, at::TensorOptions(at::kLong)) % 4;
    Evaluation evaluation = {};

    Problem()
    {
        for (const double phase : {0.2, 1.2, 2.2})
            evaluation.training_feedback.push_back(TwoBlockNetwork::entries({7, 4}, 0.5, phase));
    }
    BatchResult measured() const
    {
        return measure_batch(network, *network.to(at::kFloat), inputs, labels, evaluation);
    }
    Probe probed() const { return probe(network, inputs, labels, evaluation.loss); }
};

/// A table filled entry by entry.
template <class Entry>
at::Tensor filled(Entry value)
{
    auto table = at::empty({samples, layers}, at::TensorOptions(at::kDouble));
    for (std::int64_t i = 0; i < samples; ++i)
        for (std::int64_t l = 0; l < layers; ++l)
            table[i][l] = value(i, static_cast<std::size_t>(l));
    return table;
}

/// Every tensor of a result that exists.
std::vector<at::Tensor> all_of(const BatchMeasurements& m)
{
    std::vector<at::Tensor> all{
        m.hidden_norm,    m.gradient_norm,        m.error_norm,    m.loss,         m.gamma_train,
        m.centered_train, m.batchvec_train,       m.flat_train,    m.concat_train, m.clamped_old,
        m.clamped_new,    m.fp16_gamma,           m.fp16_lost,     m.bf16_gamma,   m.bf16_lost,
        m.float32_gamma,  m.fp16_hidden_overflow, m.norm_minus_one};
    all.insert(all.end(), m.mean_direction.begin(), m.mean_direction.end());
    std::erase_if(all, [](const at::Tensor& tensor) { return !tensor.defined(); });
    return all;
}

TEST(MeasureBatch, NormsAreOfTheStatesAndOfGradientsDividedBy128)
{
    const Problem problem;
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    EXPECT_TENSOR_NEAR(m.hidden_norm, filled([&](auto i, auto l) { return norm(p.hidden[l], i); }), 1e-14);
    EXPECT_TENSOR_NEAR(m.gradient_norm, filled([&](auto i, auto l) { return norm(p.gradient[l], i) / 128; }),
                       1e-16);
    EXPECT_TENSOR_NEAR(m.error_norm, p.output.error.norm(2, 1), 1e-15);
    EXPECT_TENSOR_NEAR(m.loss, p.output.loss, 0);
}

TEST(MeasureBatch, GammaTrainIsTheCosineOfBeAndTheGradient)
{
    const Problem problem;
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    std::vector<at::Tensor> signals;
    for (const auto& matrix : problem.evaluation.training_feedback)
        signals.push_back(fed_back(p.output.error, matrix));
    EXPECT_TENSOR_NEAR(m.gamma_train,
                       filled([&](auto i, auto l) { return cosine(signals[l], p.gradient[l], i); }), 1e-14);
    EXPECT_TENSOR_NEAR(m.centered_train, filled([&](auto i, auto l) {
                           return cosine(signals[l], p.gradient[l] - p.gradient[l].mean(0, true), i);
                       }),
                       1e-13);
    for (std::int64_t l = 0; l < layers; ++l) {
        const auto& a = signals[static_cast<std::size_t>(l)];
        const auto& g = p.gradient[static_cast<std::size_t>(l)];
        EXPECT_NEAR(entry(m.batchvec_train, l), cosine(a.sum(0, true), g.sum(0, true), 0), 1e-14);
        EXPECT_NEAR(entry(m.flat_train, l), cosine(a.reshape({1, -1}), g.reshape({1, -1}), 0), 1e-14);
        EXPECT_NEAR(cosine(m.mean_direction[static_cast<std::size_t>(l)].unsqueeze(0), g.sum(0, true), 0), 1,
                    1e-14);
        EXPECT_NEAR(norm(m.mean_direction[static_cast<std::size_t>(l)].unsqueeze(0), 0), 1, 1e-14);
    }
    for (std::int64_t i = 0; i < samples; ++i)
        EXPECT_NEAR(entry(m.concat_train, i), cosine(at::cat(signals, 1), at::cat(p.gradient, 1), i), 1e-14);
}

TEST(MeasureBatch, PitfallsAreAtTheMeanLossScaleOf128Samples)
{
    Problem problem;
    problem.labels = problem.network.forward(problem.inputs).logits.argmax(1);
    problem.network.head = problem.network.head * 30; // errors from 1e-1 to far below eps
    const auto m = problem.measured().measured;
    const Probe p = problem.probed();
    for (std::int64_t l = 0; l < layers; ++l) {
        const auto layer = static_cast<std::size_t>(l);
        const auto a = fed_back(p.output.error / 128, problem.evaluation.training_feedback[layer]);
        const auto g = p.gradient[layer] / 128;
        EXPECT_TENSOR_NEAR(m.clamped_new.select(1, l), at::cosine_similarity(a, g, 1, 1e-8), 1e-14);
        const auto half = g.to(at::kFloat).to(at::kHalf).to(at::kDouble);
        for (std::int64_t i = 0; i < samples; ++i) {
            const double dot_product = static_cast<double>(dot(a, i, g, i));
            EXPECT_NEAR(entry(m.clamped_old, i, l), dot_product / std::max(norm(a, i) * norm(g, i), 1e-8),
                        1e-14);
            const auto cast_gamma = vector({cosine(a, half, i)}); // 0/0 where the row vanished
            EXPECT_TENSOR_NEAR(m.fp16_gamma[i].narrow(0, l, 1), cast_gamma, 1e-14);
            EXPECT_EQ(entry(m.fp16_lost, i, l), (half[i] == 0).to(at::kDouble).mean().item<double>());
            EXPECT_EQ(entry(m.bf16_lost, i, l), 0);
            EXPECT_NEAR(entry(m.bf16_gamma, i, l), entry(m.gamma_train, i, l), 0.01);
        }
        EXPECT_NEAR(entry(m.norm_minus_one, l) / g.norm(-1).item<double>(), 1, 1e-12);
    }
    EXPECT_GT(m.fp16_lost.max().item<double>(), 0.5) << "the problem shows the pitfall";
    EXPECT_GT((m.clamped_new - m.gamma_train).abs().max().item<double>(), 0.01);
    EXPECT_TENSOR_NEAR(m.fp16_hidden_overflow, at::zeros({samples, layers}), 0);
}

TEST(MeasureBatch, PitfallsUseTheirOwnFeedbackWhereTrainingsIsUnknown)
{
    Problem problem;
    const auto known = problem.measured().measured;
    problem.evaluation.fresh_feedback = std::move(problem.evaluation.training_feedback);
    problem.evaluation.training_feedback.clear();
    const auto m = problem.measured().measured;
    for (const auto& absent :
         {m.gamma_train, m.centered_train, m.batchvec_train, m.flat_train, m.concat_train})
        EXPECT_FALSE(absent.defined());
    EXPECT_TENSOR_NEAR(m.clamped_old, known.clamped_old, 0);
    EXPECT_TENSOR_NEAR(m.float32_gamma, known.float32_gamma, 0);
    EXPECT_TRUE(problem.measured().gamma_inputs.input.defined());
}

TEST(MeasureBatch, WithoutACreditSignalThereIsNoGammaColumn)
{
    Problem problem;
    problem.evaluation = {.credit = jobs::Credit::none, .training_feedback = {}, .fresh_feedback = {}};
    const auto result = problem.measured();
    const auto& m = result.measured;
    for (const auto& absent :
         {m.gamma_train, m.centered_train, m.batchvec_train, m.flat_train, m.concat_train, m.clamped_old,
          m.clamped_new, m.fp16_gamma, m.bf16_gamma, m.float32_gamma})
        EXPECT_FALSE(absent.defined());
    for (const auto& present : {m.hidden_norm, m.gradient_norm, m.error_norm, m.loss, m.fp16_lost,
                                m.bf16_lost, m.fp16_hidden_overflow, m.norm_minus_one})
        EXPECT_TRUE(present.defined());
    EXPECT_EQ(m.mean_direction.size(), 3U);
    EXPECT_TRUE(result.gamma_inputs.reference.empty());
}

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

TEST(MeasureBatch, GammaInputsEndWithTheUnitMeans)
{
    const Problem problem;
    const auto inputs = problem.measured().gamma_inputs;
    const Probe p = problem.probed();
    ASSERT_EQ(inputs.reference.size(), 3U);
    for (std::size_t l = 0; l < 3; ++l) {
        const auto& reference = inputs.reference[l];
        EXPECT_EQ(reference.scalar_type(), at::kFloat);
        EXPECT_EQ(reference.sizes(), at::IntArrayRef({samples + 1, 7}));
        EXPECT_TENSOR_NEAR(reference.narrow(0, 0, samples), p.gradient[l] / p.gradient[l].norm(2, 1, true),
                           1e-7);
        const auto sum = p.gradient[l].sum(0);
        EXPECT_TENSOR_NEAR(reference[samples], sum / sum.norm(), 1e-7);
    }
    const auto sum = p.output.error.sum(0);
    EXPECT_TENSOR_NEAR(inputs.input[samples], sum / sum.norm(), 1e-7);
    EXPECT_TENSOR_NEAR(inputs.input.narrow(0, 0, samples), p.output.unit, 1e-7);
    EXPECT_TENSOR_NEAR(inputs.gradient_norm, p.gradient_norm, 0);
    EXPECT_TENSOR_NEAR(inputs.input_norm, p.output.norm, 0);
}

TEST(MeasureBatch, AnErrorThatVanishesLeavesItsSampleUndefinedAndTheOthersAlone)
{
    Problem problem;
    problem.labels = problem.network.forward(problem.inputs).logits.argmax(1);
    problem.network.head = problem.network.head * 1e5;
    const auto result = problem.measured();
    const auto error_norm = result.measured.error_norm;
    ASSERT_TRUE((error_norm == 0).any().item<bool>());
    for (std::int64_t i = 0; i < samples; ++i)
        if (entry(error_norm, i) == 0) {
            EXPECT_TRUE(result.measured.gamma_train[i].isnan().all().item<bool>());
            EXPECT_TENSOR_NEAR(result.measured.gradient_norm[i], vector({0, 0, 0}), 0);
            EXPECT_TENSOR_NEAR(result.measured.clamped_new[i], vector({0, 0, 0}), 0);
            EXPECT_TRUE(result.gamma_inputs.input[i].eq(0).all().item<bool>());
        }
}

TEST(MeasureBatch, OfADivergedNetworkIsOneCanonicalNan)
{
    Problem problem;
    problem.network.embed[0][0] = std::bit_cast<double>(std::uint64_t{0xfff8000000abcdef});
    const auto result = problem.measured();
    for (const auto& tensor : all_of(result.measured)) {
        ASSERT_TRUE(tensor.is_contiguous());
        ASSERT_EQ(tensor.scalar_type(), at::kDouble);
        for (std::int64_t k = 0; k < tensor.numel(); ++k)
            EXPECT_EQ(std::bit_cast<std::uint64_t>(tensor.data_ptr<double>()[k]), 0x7ff8000000000000U);
    }
    for (const auto& tensor : result.gamma_inputs.reference)
        for (std::int64_t k = 0; k < tensor.numel(); ++k)
            EXPECT_EQ(std::bit_cast<std::uint32_t>(tensor.data_ptr<float>()[k]), 0x7fc00000U);
}

TEST(MeasureBatch, OneNanSampleLeavesTheOthersRows)
{
    Problem problem;
    const auto fine = problem.measured().measured;
    problem.inputs[1][0] = std::numeric_limits<double>::quiet_NaN();
    const auto m = problem.measured().measured;
    EXPECT_TRUE(m.gamma_train[1].isnan().all().item<bool>());
    EXPECT_TRUE(m.fp16_lost[1].isnan().all().item<bool>());
    EXPECT_TENSOR_NEAR(m.gamma_train.narrow(0, 2, 4), fine.gamma_train.narrow(0, 2, 4), 1e-15);
    EXPECT_TENSOR_NEAR(m.float32_gamma.narrow(0, 2, 4), fine.float32_gamma.narrow(0, 2, 4), 1e-6);
    EXPECT_TRUE(m.flat_train.isnan().all().item<bool>());
    EXPECT_TRUE(m.batchvec_train.isnan().all().item<bool>());
    EXPECT_TRUE(m.mean_direction[0].isnan().all().item<bool>());
    EXPECT_FALSE(m.centered_train[2].isnan().any().item<bool>());
}

/// What another framework would have kept of the problem's batch.
GivenTensors kept(const Problem& problem)
{
    const Probe p = problem.probed();
    return {.gradient = p.gradient,
            .error = p.output.error,
            .hidden = p.hidden,
            .hidden_norm = {},
            .loss = p.output.loss,
            .credit = {}};
}

TEST(MeasureGiven, IsWhatTheNetworkItselfGives)
{
    const Problem problem;
    const auto wanted = problem.measured();
    const auto result = measure_given(kept(problem), problem.labels, problem.evaluation);
    auto of_network = wanted.measured, of_tensors = result.measured;
    EXPECT_TRUE(of_tensors.float32_gamma.isnan().all().item<bool>());
    EXPECT_EQ(of_tensors.float32_gamma.sizes(), of_network.float32_gamma.sizes());
    of_network.float32_gamma = of_tensors.float32_gamma = at::Tensor();
    const auto all_wanted = all_of(of_network), all = all_of(of_tensors);
    ASSERT_EQ(all.size(), all_wanted.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_TENSOR_NEAR(all[i], all_wanted[i], 1e-14);
    for (std::size_t l = 0; l < layers; ++l)
        EXPECT_TENSOR_NEAR(result.gamma_inputs.reference[l], wanted.gamma_inputs.reference[l], 1e-7);
}

TEST(MeasureGiven, TakesTheMethodsOwnCreditForTheTrainings)
{
    Problem problem;
    auto given = kept(problem);
    for (std::size_t l = 0; l < layers; ++l)
        given.credit.push_back(fed_back(given.error, problem.evaluation.training_feedback[l]) * 1e-200);
    const auto wanted = problem.measured().measured.gamma_train;
    problem.evaluation.training_feedback.clear();
    const auto result = measure_given(given, problem.labels, problem.evaluation);
    EXPECT_TENSOR_NEAR(result.measured.gamma_train, wanted, 1e-14);
    EXPECT_FALSE(result.gamma_inputs.reference.empty());
}

TEST(MeasureGiven, OfNormsAloneSaysNothingOfTheStates)
{
    const Problem problem;
    auto given = kept(problem);
    given.hidden.clear();
    given.hidden_norm =
        filled([](auto i, auto l) { return static_cast<double>(i) + 10.0 * static_cast<double>(l); });
    given.loss = at::Tensor();
    const auto m = measure_given(given, problem.labels, problem.evaluation).measured;
    EXPECT_TENSOR_NEAR(m.hidden_norm, given.hidden_norm, 0);
    EXPECT_TRUE(m.fp16_hidden_overflow.isnan().all().item<bool>());
    EXPECT_TRUE(m.loss.isnan().all().item<bool>());
    EXPECT_TENSOR_NEAR(m.gamma_train, problem.measured().measured.gamma_train, 1e-14);
}

TEST(MeasureGiven, UndefinedRowsAreThoseOfZeroAndNonFiniteGradients)
{
    const Problem problem;
    auto given = kept(problem);
    given.gradient[0] = given.gradient[0].clone();
    given.gradient[0][1].zero_();
    given.gradient[0][2][0] = std::numeric_limits<double>::infinity();
    const auto m = measure_given(given, problem.labels, problem.evaluation).measured;
    EXPECT_TRUE(m.gamma_train[1][0].isnan().item<bool>());
    EXPECT_TRUE(m.gamma_train[2][0].isnan().item<bool>());
    EXPECT_FALSE(m.gamma_train[3][0].isnan().item<bool>());
    EXPECT_EQ(entry(m.gradient_norm.select(1, 0), 1), 0.0);
}

TEST(MeasureBatch, RefusesFeedbackThatDoesNotFit)
{
    Problem problem;
    problem.evaluation.training_feedback.pop_back();
    EXPECT_THROW(problem.measured(), std::invalid_argument);
    problem = Problem();
    problem.evaluation.training_feedback[1] = problem.evaluation.training_feedback[1].t();
    EXPECT_THROW(problem.measured(), std::invalid_argument);
}

} // namespace
} // namespace fa::diagnostics
