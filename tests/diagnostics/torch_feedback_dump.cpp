/// Prints the hash of `seed:torch:N`'s matrices for torch_feedback_reference.py, one set a line:
/// seed classes shared widths… scales… : hash. Shapes below and above the 16 numbers at which PyTorch changes
/// its order.
#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/training_feedback.hpp"

#include <cstdio>

int main()
{
    const std::vector<std::vector<std::int64_t>> all_widths = {
        {256, 256, 256, 256, 256}, {2, 3, 1}, {7, 33}, {5, 5}};
    for (const auto& widths : all_widths) {
        for (const unsigned long long seed : {0ULL, 42ULL, 0x123456789abcdefULL}) {
            const bool shared = widths.front() == 5;
            const std::int64_t classes = widths.front() == 256 ? 10 : 3;
            std::vector<double> scale;
            for (std::size_t layer = 0; layer < widths.size(); ++layer)
                scale.push_back(0.31622776601683794 / (1.0 + static_cast<double>(layer)));
            std::printf("%llu %lld %d", seed, static_cast<long long>(classes), shared ? 1 : 0);
            for (const auto width : widths)
                std::printf(" %lld", static_cast<long long>(width));
            for (const double value : scale)
                std::printf(" %a", value);
            const auto shapes =
                fa::diagnostics::feedback_shapes(fa::diagnostics::Propagation::direct, widths, classes);
            const auto matrices = fa::diagnostics::torch_feedback(seed, shapes, scale, shared);
            std::printf(" : %s\n", fa::diagnostics::feedback_sha256(matrices).c_str());
        }
    }
}
