#include "training/trainer.hpp"

#include "models/resmlp.hpp"
#include "training/initialise.hpp"
#include "training/optimiser.hpp"
#include "training/record.hpp"
#include "training/rule.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace fa::training {
namespace {

/// A split as tensors that view the vectors.
struct Samples {
    at::Tensor inputs; ///< [samples, features] float32
    at::Tensor labels; ///< [samples] int64
};

Samples view(const jobs::Split& split)
{
    // from_blob takes no const pointer; nothing writes through these.
    auto* inputs = const_cast<float*>(split.inputs.data());
    auto* labels = const_cast<std::int64_t*>(split.labels.data());
    return {at::from_blob(inputs, {split.samples(), split.features}, at::kFloat),
            at::from_blob(labels, {split.samples()}, at::kLong)};
}

/// The network while it learns: its tensors are the optimiser's, changed in place.
class Learner {
  public:
    Learner(const Recipe& recipe, const TrainingData& data, const Feedback& feedback)
        : rule_(make_rule(recipe, data.classes, feedback.matrices)),
          network_(
              initial_tensors(recipe.seed, data.train.features, recipe.width, recipe.depth, data.classes))
    {
        for (const auto& [name, tensor] : network_.named_tensors())
            if (rule_->trains(name))
                trainable_.push_back(tensor.requires_grad_());
        for (const auto& [name, tensor] : rule_->own_tensors())
            trainable_.push_back(tensor);
        adam_ = std::make_unique<Adam>(trainable_);
    }

    /// One update. @returns the logits from before it, [N, C]
    at::Tensor learn(const Batch& batch, double learning_rate)
    {
        auto [logits, gradients] = rule_->update(network_, batch, trainable_);
        adam_->step(gradients, learning_rate);
        return logits;
    }

    const models::ResMlp& network() const { return network_; }
    const LearningRule& rule() const { return *rule_; }

  private:
    std::unique_ptr<LearningRule> rule_;
    models::ResMlp network_;
    std::vector<at::Tensor> trainable_;
    std::unique_ptr<Adam> adam_;
};

std::int64_t count_correct(const at::Tensor& logits, const at::Tensor& labels)
{
    // argmax takes NaN for the maximum: such a row is wrong unless counted out.
    const auto correct = logits.argmax(1).eq(labels).logical_and(logits.isnan().any(1).logical_not());
    return correct.sum().item<std::int64_t>();
}

double accuracy(const models::ResMlp& network, const Samples& samples)
{
    const at::NoGradGuard no_graph;
    constexpr std::int64_t chunk = 500;
    std::int64_t correct = 0;
    const auto count = samples.labels.size(0);
    for (std::int64_t begin = 0; begin < count; begin += chunk) {
        const auto end = std::min(begin + chunk, count);
        correct += count_correct(network.forward(samples.inputs.slice(0, begin, end)).logits,
                                 samples.labels.slice(0, begin, end));
    }
    return static_cast<double>(correct) / static_cast<double>(std::max<std::int64_t>(count, 1));
}

/// Learning rate of a step, counted from 0 over the whole training.
double learning_rate(const Recipe& recipe, std::int64_t step, std::int64_t steps)
{
    if (recipe.decay == Decay::constant)
        return recipe.learning_rate;
    return recipe.learning_rate * (1 - static_cast<double>(step) / static_cast<double>(steps));
}

EpochReport train_epoch(Learner& learner, const Recipe& recipe, const Samples& samples, std::int64_t epoch)
{
    const auto order = epoch_order(recipe.seed, epoch, samples.labels.size(0));
    const auto batches = samples.labels.size(0) / recipe.batch_size;
    EpochReport report{.epoch = epoch + 1};
    for (std::int64_t b = 0; b < batches; ++b) {
        const auto which = order.slice(0, b * recipe.batch_size, (b + 1) * recipe.batch_size);
        const Batch batch{samples.inputs.index_select(0, which), samples.labels.index_select(0, which)};
        report.learning_rate = learning_rate(recipe, epoch * batches + b, recipe.epochs * batches);
        const auto logits = learner.learn(batch, report.learning_rate);
        report.loss += at::cross_entropy_loss(logits, batch.labels).item<double>();
        report.train_accuracy += static_cast<double>(count_correct(logits, batch.labels));
    }
    report.loss /= static_cast<double>(batches);
    report.train_accuracy /= static_cast<double>(batches * recipe.batch_size);
    return report;
}

} // namespace

TrainingData read_training_data(const std::filesystem::path& file)
{
    TrainingData data{.train = jobs::read_split(file, "train"),
                      .test = jobs::read_split(file, "test"),
                      .sha256 = jobs::split_sha256(file, "train")};
    if (data.train.features != data.test.features)
        throw jobs::DataError(file.string() + ": train/x has " + std::to_string(data.train.features) +
                              " features a sample, test/x " + std::to_string(data.test.features));
    for (const auto* split : {&data.train, &data.test})
        for (const auto label : split->labels)
            data.classes = std::max(data.classes, label + 1);
    return data;
}

models::Checkpoint train(const Recipe& recipe, const TrainingData& data, int threads,
                         const std::function<void(const EpochReport&)>& report)
{
    if (data.train.samples() < recipe.batch_size)
        throw std::invalid_argument("the training split has " + std::to_string(data.train.samples()) +
                                    " samples, fewer than one batch of " + std::to_string(recipe.batch_size));
    const auto feedback = make_feedback(recipe, data.classes);
    Learner learner(recipe, data, feedback);
    const auto samples = view(data.train);
    const auto held_out = view(data.test);
    for (std::int64_t epoch = 0; epoch < recipe.epochs; ++epoch) {
        const auto start = std::chrono::steady_clock::now();
        auto outcome = train_epoch(learner, recipe, samples, epoch);
        outcome.test_accuracy = accuracy(learner.network(), held_out);
        outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        report(outcome);
    }
    return make_record(recipe, learner.network(), learner.rule(), feedback, data.sha256, threads);
}

} // namespace fa::training
