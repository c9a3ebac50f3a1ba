/// fa-bench: times what bench/run.py asks for.
///
/// Each line on stdin, "BENCHMARK SIDE CALLS", is answered by one line, the wall seconds of so many calls.
/// Everything is timed in this one process, prepared when it is first asked for. `fa-bench --machine` names
/// the LibTorch it uses.
#include "bench/subject.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace {

using namespace fa::bench;

std::map<std::string, Benchmark> all_benchmarks()
{
    auto all = gamma_benchmarks();
    all.merge(draws_benchmarks());
    all.merge(probe_benchmarks());
    return all;
}

double seconds(const std::function<void()>& call, int calls)
{
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i)
        call();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void serve(Size size)
{
    const auto benchmarks = all_benchmarks();
    std::map<std::string, Sides> prepared;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string name, side;
        int calls = 0;
        words >> name >> side >> calls;
        const auto benchmark = benchmarks.find(name);
        if (benchmark == benchmarks.end())
            throw std::invalid_argument(fmt::format("'{}': there is no benchmark '{}'", line, name));
        if (!prepared.contains(name))
            prepared[name] = benchmark->second(size);
        const auto& sides = prepared[name];
        if (!sides.contains(side) || calls < 1)
            throw std::invalid_argument(fmt::format("'{}': expected BENCHMARK SIDE CALLS", line));
        fmt::print("{}\n", seconds(sides.at(side), calls));
        std::fflush(stdout);
    }
}

/// As fa-harness does it.
void fix_numerics()
{
    setenv("MKL_CBWR", "AUTO", 1);
    at::set_num_interop_threads(1);
    at::set_num_threads(1);
    at::globalContext().setDeterministicAlgorithms(true, false);
    at::globalContext().setDeterministicFillUninitializedMemory(false);
}

} // namespace

int main(int argc, char** argv)
{
    const std::string_view option = argc == 2 ? argv[1] : "";
    if (argc > 2 || (argc == 2 && option != "--tiny" && option != "--machine")) {
        fmt::print(stderr, "usage: fa-bench [--tiny | --machine] (bench/run.py drives it)\n");
        return 2;
    }
    if (option == "--machine") {
        fmt::print("LibTorch {}, {}\n", TORCH_VERSION, at::get_cpu_capability());
        return 0;
    }
    try {
        fix_numerics();
        const at::NoGradGuard no_grad; // what records gradients says so itself
        serve(option == "--tiny" ? Size::tiny : Size::real);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "fa-bench: {}\n", error.what());
        return 1;
    }
}
