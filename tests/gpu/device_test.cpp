/// The GPU that LibTorch sees: tensors come back as they went, products are float32's and not TF32's.
#include "tests/gpu/gpu_test.hpp"

#include <ATen/ATen.h>

using fa::gpu_test::check;

namespace {

void tensors_come_back_as_they_went()
{
    for (const auto type : {at::kFloat, at::kDouble, at::kLong}) {
        const at::Tensor sent = at::arange(-500, 500).to(type).view({8, -1}) * 3;
        const at::Tensor on_device = sent.to(at::kCUDA);
        check(on_device.is_cuda(), "a tensor sent to the GPU is there");
        check(at::equal(on_device.cpu(), sent), "a tensor comes back with the bits it had");
        check(at::equal((on_device + on_device).cpu(), sent + sent), "a sum on the GPU is the CPU's");
    }
}

/// Ones plus 2⁻²⁰ times integers: exact in float32's 24 bits, all the same in TF32's 11.
void products_are_not_rounded_to_tf32()
{
    const std::int64_t size = 64;
    const at::Tensor left = 1.0 + at::arange(size * size, at::kDouble).view({size, size}) * 0x1p-20;
    const at::Tensor exact = left.matmul(left.t());
    const at::Tensor single = left.to(at::kFloat).to(at::kCUDA);
    const at::Tensor product = single.matmul(single.t()).cpu().to(at::kDouble);
    check((product - exact).abs().max().item<double>() < 1e-6 * exact.abs().max().item<double>(),
          "a float32 product is good to 1e-6");
}

void all()
{
    tensors_come_back_as_they_went();
    products_are_not_rounded_to_tf32();
}

} // namespace

int main()
{
    return fa::gpu_test::run(all);
}
