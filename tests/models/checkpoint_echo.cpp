/// What Python drives and compares with (checkpoints_agree.py, torch_files_agree.py):
///
///     checkpoint_echo echo IN OUT [PART]      a checkpoint of any format → safetensors with its metadata
///     checkpoint_echo feedback IN OUT [PART]  likewise the feedback matrices of a file of their own
///     checkpoint_echo header IN [PART]        prints "name [shape]" a line, without reading data
///     checkpoint_echo forward MODEL IN OUT    "inputs" of IN through the network of MODEL → logits,
///     hidden.<l>
///
/// Errors go to stderr, with exit code 1.
#include "models/checkpoint.hpp"
#include "models/network.hpp"
#include "models/shown.hpp"

#include <ATen/Parallel.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace {

using namespace fa::models;

std::vector<char> bytes_of(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

Checkpoint read(const std::string& path, const std::string& part = {})
{
    const auto bytes = bytes_of(path);
    return read_checkpoint(std::as_bytes(std::span(bytes)), part);
}

void forward(const std::string& model, const std::string& inputs, const std::string& out)
{
    const auto network = make_network(read(model), "auto");
    const auto activations = network->forward(read(inputs).tensors.at("inputs"));
    Checkpoint result;
    result.tensors.emplace("logits", activations.logits);
    for (std::size_t l = 0; l < activations.hidden.size(); ++l)
        result.tensors.emplace("hidden." + std::to_string(l), activations.hidden[l]);
    write_safetensors(out, result);
}

int run(const std::vector<std::string>& words)
{
    const auto part = [&](std::size_t at) { return words.size() > at ? words[at] : ""; };
    if (words.size() >= 3 && words[0] == "echo") {
        write_safetensors(words[2], read(words[1], part(3)));
    } else if (words.size() >= 3 && words[0] == "feedback") {
        const auto bytes = bytes_of(words[1]);
        write_safetensors(words[2], read_feedback(std::as_bytes(std::span(bytes)), part(3)));
    } else if (words.size() >= 2 && words[0] == "header") {
        for (const auto& [name, shape] : read_checkpoint_header(words[1], part(2)).shapes)
            std::cout << name << ' ' << shown(shape) << '\n';
    } else if (words.size() == 4 && words[0] == "forward") {
        forward(words[1], words[2], words[3]);
    } else {
        return 2;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    at::set_num_interop_threads(1);
    at::set_num_threads(1);
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
