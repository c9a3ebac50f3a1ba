#include "harness/run_inputs.hpp"

#include "harness/comm/agreement.hpp"
#include "harness/file_bytes.hpp"
#include "jobs/sha256.hpp"

namespace fa::harness {

std::shared_ptr<const EvaluationData> InputReader::data_of(const DataKey& key)
{
    if (const auto known = data_.find(key); known != data_.end())
        return known->second;
    auto data = std::make_shared<EvaluationData>();
    comm::together(team_, [&] {
        if (!team_.leads())
            return;
        data->sha256 = jobs::split_sha256(key.first, "test");
        data->test = jobs::read_split(key.first, "test", key.second);
        // A hash of other bytes than those that were read would pass for theirs for ever.
        if (jobs::split_sha256(key.first, "test") != data->sha256)
            throw std::runtime_error(key.first.string() +
                                     ": changed while it was read; start again when nothing writes it");
    });
    data->sha256 = team_.shared(std::move(data->sha256));
    data->test.features = team_.shared(data->test.features);
    data->test.shape = team_.shared(std::move(data->test.shape));
    data->test.inputs = team_.shared(std::move(data->test.inputs));
    data->test.labels = team_.shared(std::move(data->test.labels));
    return data_[key] = std::move(data);
}

RunInputs InputReader::read(const jobs::RunSpec& spec)
{
    RunInputs inputs;
    if (!spec.is_tensors()) {
        inputs.data = data_of({spec.data, spec.data_options});
        inputs.hashes.data = inputs.data->sha256;
    }
    comm::together(team_, [&] {
        if (!team_.leads())
            return;
        inputs.checkpoint = read_bytes(spec.checkpoint);
        inputs.hashes.checkpoint = jobs::sha256(inputs.checkpoint);
        if (const auto* file = std::get_if<jobs::FileFeedback>(&spec.feedback)) {
            inputs.feedback_file = read_bytes(file->path);
            inputs.hashes.feedback_file = jobs::sha256(inputs.feedback_file);
        }
        inputs.digest = run_digest(spec, options_, inputs.hashes);
    });
    inputs.hashes.checkpoint = team_.shared(std::move(inputs.hashes.checkpoint));
    inputs.hashes.feedback_file = team_.shared(std::move(inputs.hashes.feedback_file));
    inputs.digest = team_.shared(std::move(inputs.digest));
    return inputs;
}

void InputReader::distribute(RunInputs& inputs) const
{
    inputs.checkpoint = team_.shared(std::move(inputs.checkpoint));
    inputs.feedback_file = team_.shared(std::move(inputs.feedback_file));
}

} // namespace fa::harness
