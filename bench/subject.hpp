#pragma once
/// What fa-bench can time. The driver (bench/run.py) asks for one side of a benchmark after the other, so
/// that noise of the machine meets both alike.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace fa::bench {

/// One benchmark, prepared: its sides by name ("bare", "ours", …), each doing the same work once per call.
using Sides = std::map<std::string, std::function<void()>>;

/// `tiny`: shapes that only show that everything still runs (the test bench_smoke).
enum class Size { real, tiny };

/// Prepares a benchmark: inputs, and nothing that is timed.
using Benchmark = std::function<Sides(Size)>;

/// Keeps what a call computed from being optimised away, and nothing else.
template <typename T>
void keep(const T& value)
{
    asm volatile("" : : "g"(&value) : "memory");
}

/// bench/gamma.cpp: the Γ engine against the bare products, and the whole Γ stage.
std::map<std::string, Benchmark> gamma_benchmarks();
/// bench/draws.cpp: random numbers against torch::randn.
std::map<std::string, Benchmark> draws_benchmarks();
/// bench/probe.cpp: forward and backward with and without what the audit needs of them.
std::map<std::string, Benchmark> probe_benchmarks();

} // namespace fa::bench
