/// network_echo MODEL FILE IN OUT [key=value …]: reads a checkpoint as make_network(…, MODEL) does, takes
/// tensors "inputs" and "labels" of IN through the audit's probe in double; OUT gets logits, and of every
/// layer hidden.<l> and gradient.<l>, ∂ℓ_i/∂h_{l,i} of the cross entropy. An error is printed and gives 1.
#include "diagnostics/probe.hpp"
#include "models/checkpoint.hpp"
#include "models/network.hpp"

#include <ATen/Parallel.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

using namespace fa;

models::Checkpoint read(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    return models::read_safetensors(std::as_bytes(std::span(bytes)));
}

void echo(const std::vector<std::string>& words)
{
    std::map<std::string, std::string> keys;
    for (std::size_t i = 4; i < words.size(); ++i)
        keys[words[i].substr(0, words[i].find('='))] = words[i].substr(words[i].find('=') + 1);
    const auto network = models::make_network(read(words[1]), words[0], keys)->to(at::kDouble);
    const auto given = read(words[2]).tensors;
    const auto probed = diagnostics::probe(*network, given.at("inputs"), given.at("labels"),
                                           jobs::Loss::cross_entropy, at::kDouble);
    models::Checkpoint result;
    result.metadata["architecture"] = network->architecture();
    const at::NoGradGuard constant;
    result.tensors["logits"] = network->forward(given.at("inputs").to(at::kDouble)).logits;
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
