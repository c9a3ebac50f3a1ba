/// The GPU that LibTorch sees: tensors come back as they went, products are float32's and not TF32's, and our
/// kernels round after each operation.
#include "tests/gpu/contraction.hpp"
#include "tests/gpu/gpu_test.hpp"

#include <ATen/ATen.h>
#include <cuda_runtime_api.h>

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

/// (1 + 2⁻³⁰)² − (1 + 2⁻²⁹) is 0 if the product is rounded first, 2⁻⁶⁰ if not.
void kernels_round_after_each_operation()
{
    const auto options = at::TensorOptions(at::kCUDA).dtype(at::kDouble);
    const at::Tensor factor = at::full({1000}, 1.0 + 0x1p-30, options);
    const at::Tensor summand = at::full({1000}, -(1.0 + 0x1p-29), options);
    const at::Tensor result = at::full({1000}, 1.0, options);
    fa::gpu_test::multiply_and_add(factor.const_data_ptr<double>(), factor.const_data_ptr<double>(),
                                   summand.const_data_ptr<double>(), result.mutable_data_ptr<double>(), 1000);
    check(cudaGetLastError() == cudaSuccess, "the kernel starts");
    check(cudaDeviceSynchronize() == cudaSuccess, "the kernel ends");
    check(result.eq(0.0).all().item<bool>(), "a product is rounded before it is added to");
}

void all()
{
    tensors_come_back_as_they_went();
    products_are_not_rounded_to_tf32();
    kernels_round_after_each_operation();
}

} // namespace

int main()
{
    return fa::gpu_test::run(all);
}
