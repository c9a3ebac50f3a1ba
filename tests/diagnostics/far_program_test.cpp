/// TorchScript programs on the tests' own device: measured as on the CPU, or refused with the reason.
#include "models/torchscript.hpp"
#include "tests/diagnostics/far_problem.hpp"
#include "tests/models/small_resmlp.hpp"

#include <torch/csrc/jit/api/module.h>

#include <gmock/gmock.h>

#include <memory>
#include <span>
#include <sstream>
#include <string>

namespace fa::diagnostics {
namespace {

using namespace fa::testing;
using jobs::Credit;

/// A program with a rule of its own.
/// @param shift  an expression that its forward adds to h_0
std::unique_ptr<models::Network> program(const std::string& shift)
{
    torch::jit::Module module("network");
    module.register_parameter("first", TwoBlockNetwork::entries({6, 5}, 0.7, 0.3).to(at::kFloat), false);
    module.register_parameter("second", TwoBlockNetwork::entries({classes, 6}, 0.9, 1.3).to(at::kFloat),
                              false);
    module.register_buffer("places", at::arange(6, at::TensorOptions(at::kLong)));
    module.define(R"(
        def forward(self, x):
            h = torch.matmul(x, self.first.t()) + )" +
                  shift + R"(
            g = h + torch.tanh(h)[:, self.places]
            return torch.matmul(g, self.second.t()), [h, g]
        def local_credit(self, x, y):
            h = torch.matmul(x, self.first.t())
            return [h * (y + 1).unsqueeze(1), h * 2]
    )");
    std::ostringstream archive;
    module.save(archive);
    const auto bytes = archive.str();
    return models::load_torchscript(std::as_bytes(std::span(bytes)), {5}).network;
}

TEST(FarDevice, RunsProgramsAndTheirOwnRule)
{
    FarProblem problem(program("1.0"), small_inputs(samples, 5));
    problem.with_feedback(Credit::dfa);
    expect_measured_alike(problem);
    FarProblem own(program("1.0"), small_inputs(samples, 5));
    own.evaluation.credit = Credit::callback;
    own.own_signal = [](const models::Network&, at::Device) { return std::make_unique<CallbackCredit>(); };
    expect_measured_alike(own);
}

TEST(FarDevice, SaysWhichProgramsCantBeMoved)
{
    const auto network = program("torch.ones([6], dtype=x.dtype)"); // on the CPU, wherever x is
    try {
        network->to(far(at::kDouble));
        ADD_FAILURE() << "moved";
    } catch (const models::DeviceError& error) {
        EXPECT_THAT(error.what(), ::testing::AllOf(::testing::StartsWith("can't be moved to far:0: "),
                                                   ::testing::HasSubstr("on the same device"),
                                                   ::testing::HasSubstr("--device cpu")));
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
    }
    EXPECT_NO_THROW(network->to(at::kFloat)); // it is only the device
}

} // namespace
} // namespace fa::diagnostics
