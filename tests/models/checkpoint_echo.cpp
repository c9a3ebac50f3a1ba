/// checkpoint_echo echo IN OUT          reads a safetensors file and writes it again
/// checkpoint_echo forward MODEL IN OUT tensor "inputs" of IN through the network of MODEL; OUT gets logits,
/// hidden.<l> Python drives it and compares (checkpoints_agree.py).
#include "models/checkpoint.hpp"
#include "models/network.hpp"

#include <ATen/Parallel.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

fa::models::Checkpoint read(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    return fa::models::read_safetensors(std::as_bytes(std::span(bytes)));
}

} // namespace

int main(int argc, char** argv)
{
    at::set_num_interop_threads(1);
    at::set_num_threads(1);
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "echo") {
        fa::models::write_safetensors(words[2], read(words[1]));
        return 0;
    }
    if (words.size() != 4 || words[0] != "forward")
        return 2;
    const auto network = fa::models::make_network(read(words[1]), "auto");
    const auto activations = network->forward(read(words[2]).tensors.at("inputs"));
    fa::models::Checkpoint result;
    result.tensors.emplace("logits", activations.logits);
    for (std::size_t l = 0; l < activations.hidden.size(); ++l)
        result.tensors.emplace("hidden." + std::to_string(l), activations.hidden[l]);
    fa::models::write_safetensors(words[3], result);
    return 0;
}
