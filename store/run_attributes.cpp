#include "store/run_attributes.hpp"

namespace fa::store {

namespace {

/// Calls `visit` with each attribute's name and member, in the order of the file.
template <typename Run, typename Visitor>
void for_each_attribute(Run& run, const Visitor& visit)
{
    visit("name", run.name);
    visit("model", run.model);
    visit("architecture", run.architecture);
    visit("credit", run.credit);
    visit("loss", run.loss);
    visit("precision", run.precision);
    visit("depth", run.depth);
    visit("width", run.width);
    visit("classes", run.classes);
    visit("batch_size", run.batch_size);
    visit("batches", run.batches);
    visit("draws", run.draws);
    visit("draw_seed", run.draw_seed);
    visit("eval_seed", run.eval_seed);
    visit("test_samples", run.test_samples);
    visit("feedback", run.feedback);
    visit("feedback_distribution", run.feedback_distribution);
    visit("feedback_sign", run.feedback_sign);
    visit("feedback_shared", run.feedback_shared);
    visit("feedback_verified", run.feedback_verified);
    visit("checkpoint_sha256", run.checkpoint_sha256);
    visit("data_sha256", run.data_sha256);
    visit("feedback_sha256", run.feedback_sha256);
    visit("digest", run.digest);
    visit("threads", run.threads);
    visit("keep", run.keep);
}

/// The same of attributes that are there only where they say something.
template <typename Run, typename Visitor>
void for_each_record(Run& run, const Visitor& visit)
{
    visit("recorded_credit", run.recorded_credit);
    visit("recorded_method", run.recorded_method);
    visit("recorded_seed", run.recorded_seed);
}

struct Write {
    const AttributeWriter& root;
    void operator()(const char* name, const std::string& value) const { root.text(name, value); }
    void operator()(const char* name, const std::int64_t& value) const { root.integer(name, value); }
    void operator()(const char* name, const std::uint64_t& value) const { root.seed(name, value); }
    void operator()(const char* name, const std::vector<std::int64_t>& value) const
    {
        root.integers(name, value);
    }
    void operator()(const char* name, const bool& value) const { root.flag(name, value); }
};

struct Read {
    const AttributeReader& root;
    void operator()(const char* name, std::string& value) const { value = root.text(name); }
    void operator()(const char* name, std::int64_t& value) const { value = root.integer(name); }
    void operator()(const char* name, std::uint64_t& value) const { value = root.seed(name); }
    void operator()(const char* name, std::vector<std::int64_t>& value) const { value = root.integers(name); }
    void operator()(const char* name, bool& value) const { value = root.flag(name); }
};

} // namespace

void write_attributes(const AttributeWriter& root, const RunAttributes& run)
{
    root.text("schema", run_schema);
    for_each_attribute(run, Write{root});
    for_each_record(run, [&](const char* name, const std::string& value) {
        if (!value.empty())
            root.text(name, value);
    });
}

RunAttributes read_attributes(const AttributeReader& root)
{
    RunAttributes run;
    for_each_attribute(run, Read{root});
    for_each_record(run, [&](const char* name, std::string& value) {
        if (root.has(name))
            value = root.text(name);
    });
    return run;
}

} // namespace fa::store
