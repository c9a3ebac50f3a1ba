#include "training/optimiser.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fa::training {
namespace {

TEST(Adam, FollowsItsRecursion)
{
    auto parameter = at::tensor(std::vector<double>{1.0, -2.0}).requires_grad_();
    Adam adam({parameter});
    double expected[] = {1.0, -2.0};
    double first[] = {0, 0};
    double second[] = {0, 0};
    for (int t = 1; t <= 5; ++t) {
        const double rate = 0.1 / t;
        const double gradient[] = {0.5 * t, -1.0 / t};
        adam.step({at::tensor(std::vector<double>(gradient, gradient + 2))}, rate);
        for (int i = 0; i < 2; ++i) {
            first[i] = 0.9 * first[i] + 0.1 * gradient[i];
            second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
            expected[i] -= rate * (first[i] / (1 - std::pow(0.9, t))) /
                           (std::sqrt(second[i] / (1 - std::pow(0.999, t))) + 1e-8);
            EXPECT_NEAR(parameter[i].item<double>(), expected[i], 1e-12) << "step " << t;
        }
    }
}

} // namespace
} // namespace fa::training
