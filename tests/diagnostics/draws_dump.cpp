/// Prints random matrices for draws_reference.py, one a line:
/// distribution seed purpose draw layer rows columns scale : entries in hexadecimal.
/// `permute` shuffles 0, 1, 2, …
#include "diagnostics/draws.hpp"

#include <cstdio>
#include <vector>

using namespace fa;

int main()
{
    struct Shape {
        std::int64_t rows, columns;
    };
    for (const auto distribution :
         {jobs::Distribution::normal, jobs::Distribution::uniform, jobs::Distribution::rademacher,
          jobs::Distribution::orthogonal, jobs::Distribution::permute}) {
        for (const Shape shape : {Shape{1, 1}, Shape{37, 10}, Shape{3, 7}, Shape{64, 33}}) {
            diagnostics::DrawSpec spec{.seed = 0xfedcba9876543210,
                                       .distribution = distribution,
                                       .shapes = {{shape.rows, shape.columns}, {shape.rows, shape.columns}},
                                       .scale = {1.0, 0.3},
                                       .shared = false,
                                       .permuted = {}};
            const at::Tensor ordinals =
                at::arange(shape.rows * shape.columns, at::kDouble).view({shape.rows, -1});
            const bool permute = distribution == jobs::Distribution::permute;
            if (permute)
                spec.permuted = {ordinals, ordinals};
            const at::Tensor matrix = diagnostics::draw(spec, 199, 1);
            std::printf("%s %llu %u 199 1 %lld %lld %a :", jobs::to_string(distribution).c_str(),
                        static_cast<unsigned long long>(spec.seed),
                        static_cast<unsigned>(permute ? random::Purpose::permute : random::Purpose::fresh),
                        static_cast<long long>(shape.rows), static_cast<long long>(shape.columns),
                        spec.scale[1]);
            const float* entries = matrix.const_data_ptr<float>();
            for (std::int64_t e = 0; e < matrix.numel(); ++e)
                std::printf(" %a", static_cast<double>(entries[e]));
            std::printf("\n");
        }
    }
}
