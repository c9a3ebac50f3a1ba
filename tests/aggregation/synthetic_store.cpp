#include "synthetic_store.hpp"

#include "aggregation/strategy.hpp"
#include "aggregation/strategy_cache.hpp"
#include "jobs/run_spec.hpp"
#include "store/schema.hpp"
#include "store/writer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <random>

namespace fa::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One dataset's numbers by dataset; made in double, rounded to the dataset's type when written.
using Values = std::map<std::string, std::vector<double>>;

class Inventor {
  public:
    explicit Inventor(const SyntheticRun& run) : run_(run), bits_(run.seed) {}

    double uniform(double low, double high)
    {
        return low + (high - low) * static_cast<double>(bits_()) * 0x1p-32;
    }

    /// Γ of [rows, L+1]; float32 values, so that reading them back changes nothing.
    std::vector<double> gamma(std::int64_t rows, double shift)
    {
        std::vector<double> values;
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t layer = 0; layer <= run_.depth; ++layer) {
                const double value = uniform(-0.5, 0.5) + (layer == 0 ? shift : 0.0);
                const bool defined = uniform(0, 1) >= run_.undefined_share && layer != run_.undefined_layer;
                values.push_back(defined ? static_cast<double>(static_cast<float>(value)) : nan);
            }
        }
        return values;
    }
    std::vector<double> numbers(std::int64_t count, double low, double high)
    {
        std::vector<double> values(static_cast<std::size_t>(count));
        std::generate(values.begin(), values.end(), [&] { return uniform(low, high); });
        return values;
    }

  private:
    const SyntheticRun& run_;
    std::mt19937 bits_;
};

std::vector<double> defined_of(const std::vector<double>& gamma, std::size_t first, std::size_t rows,
                               std::size_t layers, std::size_t layer)
{
    std::vector<double> values;
    for (std::size_t row = first; row < first + rows; ++row) {
        if (const double value = gamma[row * layers + layer]; !std::isnan(value)) {
            values.push_back(value);
        }
    }
    std::sort(values.begin(), values.end());
    return values;
}

double average(const std::vector<double>& values, std::size_t dropped = 0)
{
    double sum = 0;
    for (std::size_t i = dropped; i < values.size() - dropped; ++i) {
        sum += values[i];
    }
    return values.empty() ? nan : sum / static_cast<double>(values.size() - 2 * dropped);
}

/// `--keep batches`: what replaces the samples.
void summarise_batches(const SyntheticRun& run, Values& values)
{
    const auto gamma = values["gamma/fresh"];
    const auto layers = static_cast<std::size_t>(run.depth + 1);
    const auto size = static_cast<std::size_t>(run.batch_size);
    for (std::size_t first = 0; first < gamma.size() / layers; first += size) {
        for (std::size_t layer = 0; layer < layers; ++layer) {
            const auto batch = defined_of(gamma, first, size, layers, layer);
            const auto middle = batch.size() / 2;
            double angles = 0;
            for (const double value : batch) {
                angles += std::acos(value);
            }
            const bool any = !batch.empty();
            values["gamma/fresh_mean"].push_back(average(batch));
            values["gamma/fresh_median"].push_back(!any ? nan
                                                   : batch.size() % 2 == 1
                                                       ? batch[middle]
                                                       : (batch[middle - 1] + batch[middle]) / 2);
            values["gamma/fresh_iqm"].push_back(average(batch, batch.size() / 4));
            values["gamma/fresh_angle"].push_back(any ? angles / static_cast<double>(batch.size()) : nan);
            values["gamma/fresh_count"].push_back(static_cast<double>(batch.size()));
        }
    }
    values.erase("gamma/fresh");
}

std::vector<double> histogram(const std::vector<double>& gamma, std::size_t layers)
{
    std::vector<double> counts(layers * 2048, 0.0);
    for (std::size_t i = 0; i < gamma.size(); ++i) {
        if (!std::isnan(gamma[i])) {
            const auto bin = std::clamp(std::floor(gamma[i] * 1024) + 1024, 0.0, 2047.0);
            counts[i % layers * 2048 + static_cast<std::size_t>(bin)] += 1;
        }
    }
    return counts;
}

Values invent(const SyntheticRun& run)
{
    Inventor invent(run);
    Values values;
    const auto samples = run.batches * run.batch_size;
    const auto layers = run.depth + 1;
    for (std::int64_t i = 0; i < samples; ++i) {
        values["samples/index"].push_back(static_cast<double>(i));
        values["samples/label"].push_back(static_cast<double>(i % 10));
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            values["norms/hidden"].push_back(std::pow(run.growth, layer) * invent.uniform(9, 11));
            values["norms/gradient"].push_back(run.last_gradient * invent.uniform(0.9, 1.1));
        }
    }
    values["samples/loss"] = invent.numbers(samples, 0, 2);
    values["norms/error"] = invent.numbers(samples, 0.1, 1);
    for (std::int64_t i = 0; i < run.test_samples; ++i) {
        values["accuracy/correct"].push_back(static_cast<double>(i) <
                                             run.accuracy * static_cast<double>(run.test_samples));
    }
    for (std::int64_t i = 0; i < layers * run.batches * run.batches; ++i) {
        const auto place = i % (run.batches * run.batches);
        values["direction/cosine"].push_back(place / run.batches == place % run.batches ? 1.0
                                                                                        : run.stability);
    }
    for (const char* name : {"fp16_lost", "bf16_lost", "fp16_hidden_overflow"}) {
        values[std::string("pitfalls/") + name] = invent.numbers(samples * layers, 0, 0.5);
    }
    values["pitfalls/fp16_lost"].front() = 1.0; // one whole row vanishes
    values["pitfalls/norm_minus_one"] = invent.numbers(run.batches * layers, 1e-12, 1e-10);
    if (run.credit == "none") {
        return values;
    }
    for (const char* name : {"clamped_old", "clamped_new", "fp16_gamma", "bf16_gamma", "float32_gamma"}) {
        values[std::string("pitfalls/") + name] = invent.gamma(samples, 0);
    }
    if (run.has_train) {
        values["gamma/train"] = invent.gamma(samples, run.train_shift);
        values["gamma/centered_train"] = invent.gamma(samples, run.train_shift);
        values["gamma/batchvec_train"] = invent.gamma(run.batches, run.train_shift);
        values["gamma/flat_train"] = invent.gamma(run.batches, run.train_shift);
        values["gamma/concat_train"] = invent.numbers(samples, -0.3, 0.5);
        values["gamma/train_histogram"] = histogram(values["gamma/train"], static_cast<std::size_t>(layers));
    }
    if (!jobs::has_feedback(jobs::credit_from(run.credit))) {
        return values;
    }
    values["gamma/fresh"] = run.fresh_is_zero
                                ? std::vector<double>(static_cast<std::size_t>(run.draws * samples * layers))
                                : invent.gamma(run.draws * samples, 0);
    values["gamma/batchvec_fresh"] = invent.gamma(run.draws * run.batches, 0);
    values["gamma/flat_fresh"] = invent.gamma(run.draws * run.batches, 0);
    values["gamma/concat_fresh"] = run.fresh_is_zero
                                       ? std::vector<double>(static_cast<std::size_t>(run.draws * samples))
                                       : invent.numbers(run.draws * samples, -0.5, 0.5);
    values["gamma/fresh_histogram"] = histogram(values["gamma/fresh"], static_cast<std::size_t>(layers));
    if (run.keep == "batches") {
        summarise_batches(run, values);
    }
    return values;
}

template <typename Number>
std::vector<std::byte> as(const std::vector<double>& values)
{
    std::vector<Number> converted;
    for (const double value : values) {
        converted.push_back(static_cast<Number>(value));
    }
    std::vector<std::byte> bytes(converted.size() * sizeof(Number));
    std::memcpy(bytes.data(), converted.data(), bytes.size());
    return bytes;
}

std::vector<std::byte> bytes_of(const std::vector<double>& values, store::Element element)
{
    switch (element) {
    case store::Element::u8:
        return as<std::uint8_t>(values);
    case store::Element::i64:
        return as<std::int64_t>(values);
    case store::Element::u64:
        return as<std::uint64_t>(values);
    case store::Element::f32:
        return as<float>(values);
    case store::Element::f64:
        break;
    }
    return as<double>(values);
}

store::RunAttributes attributes_of(const SyntheticRun& run)
{
    store::RunAttributes attributes;
    attributes.name = run.name;
    attributes.model = "resmlp";
    attributes.architecture = run.architecture;
    attributes.credit = run.credit;
    attributes.loss = run.loss;
    attributes.precision = "float64";
    attributes.depth = run.depth;
    attributes.width.assign(static_cast<std::size_t>(run.depth + 1), 8);
    attributes.classes = 10;
    attributes.batch_size = run.batch_size;
    attributes.batches = run.batches;
    attributes.draws = jobs::has_feedback(jobs::credit_from(run.credit)) ? run.draws : 0;
    attributes.relaxation = run.relaxation;
    attributes.draw_seed = run.draw_seed;
    attributes.eval_seed = run.eval_seed;
    attributes.test_samples = run.test_samples;
    attributes.feedback = run.feedback;
    attributes.feedback_distribution = run.feedback_distribution;
    attributes.feedback_sign = run.feedback_sign;
    attributes.feedback_shared = run.feedback_shared;
    if (run.has_train && run.credit != "none") {
        attributes.feedback_verified = run.feedback_verified;
    }
    attributes.data_sha256 = run.data_sha256;
    attributes.digest = digest_of_synthetic(run);
    attributes.keep = run.keep;
    attributes.recorded_method = run.recorded_method;
    attributes.recorded_seed = run.recorded_seed;
    attributes.train_reason =
        run.has_train || run.credit == "none" ? "" : "the checkpoint has no feedback matrices";
    return attributes;
}

} // namespace

std::string digest_of_synthetic(const SyntheticRun& run)
{
    return std::to_string(std::hash<std::string>{}(run.name + std::to_string(run.seed)));
}

void write_synthetic_run(const store::Layout& layout, const SyntheticRun& run)
{
    layout.make_folders();
    const auto attributes = attributes_of(run);
    const auto values = invent(run);
    std::vector<std::vector<std::byte>> memory;
    std::vector<store::Slab> slabs;
    std::vector<std::uint32_t> checksums;
    for (const auto& definition : store::run_datasets()) {
        const auto found = values.find(std::string(definition.name));
        if (found == values.end()) {
            continue;
        }
        memory.push_back(bytes_of(found->second, definition.element));
        const auto shape = store::shape_of(definition, attributes);
        slabs.push_back({std::string(definition.name), shape, 0, shape.front(), memory.back()});
        checksums.push_back(store::checksum(memory.back()));
    }
    store::write_run(layout.run(run.name), attributes, slabs, checksums);
}

void write_synthetic_cache(const store::Layout& layout, const SyntheticRun& run)
{
    Inventor invent(run);
    aggregation::StrategyValues values;
    for (const auto& strategy : aggregation::default_strategies()) {
        values[strategy.text()] = invent.numbers(run.draws, -0.1, 0.1);
    }
    for (std::int64_t layer = 0; layer <= run.depth; ++layer) {
        values[aggregation::layer_key(static_cast<std::size_t>(layer))] =
            invent.numbers(run.draws, -0.1, 0.1);
    }
    aggregation::write_cache(layout.root(), digest_of_synthetic(run), values);
}

void write_manifest(const store::Layout& layout, const std::string& text)
{
    layout.make_folders();
    std::ofstream(layout.manifest()) << text;
}

} // namespace fa::testing
