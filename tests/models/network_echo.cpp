/// network_echo MODEL FILE IN OUT [key=value …]: reads a checkpoint as make_network(…, MODEL) does, or a
/// TorchScript archive, takes tensors "inputs" and "labels" of IN through the audit's probe in double, twice;
/// OUT gets the second time's logits, and of every layer hidden.<l> and gradient.<l>, ∂ℓ_i/∂h_{l,i} of the
/// cross entropy; of an archive with a rule of its own credit.<l>, and its feedback.<l> and metadata. An
/// error is printed and gives 1.
#include "diagnostics/probe.hpp"
#include "models/checkpoint.hpp"
#include "models/network.hpp"
#include "models/torchscript.hpp"

#include <ATen/Parallel.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

using namespace fa;

std::vector<char> bytes_of(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

models::Checkpoint read(const std::string& path)
{
    const auto bytes = bytes_of(path);
    return models::read_safetensors(std::as_bytes(std::span(bytes)));
}

models::TorchScriptModel open(const std::vector<std::string>& words, at::IntArrayRef sample_shape)
{
    if (words[0] == "torchscript") {
        const auto bytes = bytes_of(words[1]);
        return models::load_torchscript(std::as_bytes(std::span(bytes)), sample_shape.vec());
    }
    std::map<std::string, std::string> keys;
    for (std::size_t i = 4; i < words.size(); ++i)
        keys[words[i].substr(0, words[i].find('='))] = words[i].substr(words[i].find('=') + 1);
    auto checkpoint = read(words[1]);
    auto network = models::make_network(checkpoint, words[0], keys);
    return {std::move(network), std::move(checkpoint)};
}

void echo(const std::vector<std::string>& words)
{
    const auto given = read(words[2]).tensors;
    const auto inputs = given.at("inputs").to(at::kDouble);
    const auto& labels = given.at("labels");
    const auto model = open(words, inputs.sizes().slice(1));
    const auto network = model.network->to(at::kDouble);
    diagnostics::probe(*network, inputs, labels, jobs::Loss::cross_entropy, at::kDouble);
    const auto probed = diagnostics::probe(*network, inputs, labels, jobs::Loss::cross_entropy, at::kDouble);
    models::Checkpoint result;
    result.metadata = model.checkpoint.metadata;
    result.metadata["architecture"] = network->architecture();
    const at::NoGradGuard constant;
    for (const auto& [name, tensor] : model.checkpoint.tensors)
        if (name.starts_with("feedback."))
            result.tensors[name] = tensor;
    if (network->has_local_credit())
        for (std::size_t l = 0; const auto& signal : network->local_credit(inputs, labels))
            result.tensors["credit." + std::to_string(l++)] = signal;
    result.tensors["logits"] = network->forward(inputs).logits;
    for (std::size_t l = 0; l < probed.layers(); ++l) {
        if (probed.hidden[l].size(1) != network->widths().at(l))
            throw std::runtime_error("widths() says another width than the hidden states have");
        result.tensors["hidden." + std::to_string(l)] = probed.hidden[l];
        result.tensors["gradient." + std::to_string(l)] = probed.gradient[l];
    }
    models::write_safetensors(words[3], result);
}

} // namespace

int main(int argc, char** argv)
{
    at::set_num_interop_threads(1);
    at::set_num_threads(1);
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 4)
        return 2;
    try {
        echo(words);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
