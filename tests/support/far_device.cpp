#include "tests/support/far_device.hpp"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/util/ScopeExit.h>
#include <sys/mman.h>
#include <torch/library.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

namespace fa::testing {
namespace {

constexpr auto far = c10::DeviceType::PrivateUse1;

std::int64_t waits = 0, all_waits = 0, arrived = 0;
std::vector<std::int64_t> entered;
thread_local c10::StreamId current_stream = 0;
thread_local bool in_operation = false; // whose copies of its own are no one's concern

// ---- memory
// --------------------------------------------------------------------------------------------------

/// One mapping for each tensor, closed to the host. Its size stands before it, in a page of its own.
constexpr std::size_t page = 4096;

struct FarMemory final : c10::Allocator {
    c10::DataPtr allocate(std::size_t bytes) override
    {
        const std::size_t mapped = page + (bytes + page - 1) / page * page;
        void* whole = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (whole == MAP_FAILED)
            throw std::bad_alloc();
        *static_cast<std::size_t*>(whole) = mapped;
        auto* data = static_cast<char*>(whole) + page;
        mprotect(data, mapped - page, PROT_NONE);
        return {data, data, &release, c10::Device(far, 0)};
    }
    static void release(void* data)
    {
        char* whole = static_cast<char*>(data) - page;
        munmap(whole, *reinterpret_cast<std::size_t*>(whole));
    }
    c10::DeleterFnPtr raw_deleter() const override { return &release; }
    void copy_data(void*, const void*, std::size_t) const override
    {
        throw std::logic_error("the far device's memory is copied by operations alone");
    }
};

FarMemory memory;

/// Opens a far tensor's memory to the host, as one of the CPU.
class Opened {
  public:
    explicit Opened(const at::Tensor& tensor) : tensor_(tensor)
    {
        if (tensor.device().type() != far)
            return;
        auto* base = static_cast<char*>(const_cast<void*>(tensor.storage().data()));
        if (base == nullptr)
            return;
        base_ = base;
        bytes_ = *reinterpret_cast<std::size_t*>(base - page) - page;
        mprotect(base_, bytes_, PROT_READ | PROT_WRITE);
    }
    ~Opened()
    {
        if (base_ != nullptr)
            mprotect(base_, bytes_, PROT_NONE);
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;

    at::Tensor here() const
    {
        if (tensor_.device().type() != far)
            return tensor_;
        const auto options = at::TensorOptions(tensor_.scalar_type());
        if (base_ == nullptr)
            return at::empty_strided(tensor_.sizes(), tensor_.strides(), options);
        auto* first = base_ + static_cast<std::size_t>(tensor_.storage_offset()) * tensor_.itemsize();
        return at::from_blob(first, tensor_.sizes(), tensor_.strides(), options);
    }

  private:
    at::Tensor tensor_;
    char* base_ = nullptr;
    std::size_t bytes_ = 0;
};

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format)
{
    return at::detail::empty_generic(size, &memory, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                     c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>)
{
    return at::detail::empty_strided_generic(size, stride, &memory,
                                             c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                             c10::dtype_or_default(type));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool)
{
    const c10::impl::ExcludeDispatchKeyGuard no_autograd(c10::autograd_dispatch_keyset);
    arrived += !in_operation && from.device().is_cpu() && from.dim() > 0 ? 1 : 0;
    const Opened source(from), target(to);
    target.here().copy_(source.here());
    return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to)
{
    if (from.sizes() != to.sizes()) {
        const auto room = at::detail::empty_generic(
            from.sizes(), &memory, c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), to.scalar_type(), {});
        to.unsafeGetTensorImpl()->set_storage_keep_dtype(room.storage());
        to.unsafeGetTensorImpl()->set_sizes_contiguous(from.sizes());
    }
    return copy_from(from, to, false);
}

// ---- operations
// ----------------------------------------------------------------------------------------------

void refuse_mixture(const c10::OperatorHandle& op, const torch::jit::Stack& stack)
{
    const auto arguments = op.schema().arguments().size();
    const auto check = [&](const at::Tensor& tensor) {
        // As on a GPU: a number that is a tensor may come from the CPU.
        if (tensor.defined() && tensor.device().is_cpu() && tensor.dim() > 0)
            throw std::runtime_error(
                toString(op.operator_name()) +
                ": Expected all tensors to be on the same device, but found at least two "
                "devices, the far one and cpu!");
    };
    for (const auto& value : torch::jit::last(stack, arguments)) {
        if (value.isTensor())
            check(value.toTensor());
        if (value.isTensorList())
            for (const auto& tensor : value.toTensorVector())
                check(tensor);
    }
}

/// Lists of tensors some of which may be missing (an index has them) LibTorch's fallback leaves where they
/// are.
void bring_indices(const c10::OperatorHandle& op, torch::jit::Stack& stack)
{
    const auto count = op.schema().arguments().size();
    for (auto value = stack.end() - static_cast<std::ptrdiff_t>(count); value != stack.end(); ++value) {
        if (!value->isList() || value->isTensorList())
            continue;
        const auto entries =
            value->toListRef().vec(); // (of TorchScript's own making: isOptionalTensorList fails)
        if (std::none_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.isTensor(); }))
            continue;
        c10::List<std::optional<at::Tensor>> here;
        for (const auto& entry : entries)
            here.push_back(entry.isTensor() && entry.toTensor().defined()
                               ? std::optional(entry.toTensor().cpu())
                               : std::nullopt);
        *value = here;
    }
}

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack)
{
    constexpr std::array waiting = {"aten::_local_scalar_dense", "aten::nonzero", "aten::equal",
                                    "aten::masked_select"};
    for (const char* name : waiting)
        waits += op.operator_name().name == name ? 1 : 0;
    refuse_mixture(op, *stack);
    bring_indices(op, *stack);
    const auto outer = std::exchange(in_operation, true);
    const auto restored = c10::make_scope_exit([&] { in_operation = outer; });
    at::native::cpu_fallback(op, stack);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library)
{
    library.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library)
{
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("as_strided", &at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, at::IntArrayRef)>(&at::native::view));
    library.impl("_reshape_alias", &at::native::_reshape_alias);
}

// ---- streams
// -------------------------------------------------------------------------------------------------

struct FarGuard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return far; }
    c10::Device exchangeDevice(c10::Device) const override { return {far, 0}; }
    c10::Device getDevice() const override { return {far, 0}; }
    void setDevice(c10::Device) const override {}
    void uncheckedSetDevice(c10::Device) const noexcept override {}
    c10::Stream stream(c10::StreamId id) const
    {
        return c10::Stream(c10::Stream::UNSAFE, c10::Device(far, 0), id);
    }
    c10::Stream getStream(c10::Device) const override { return stream(current_stream); }
    c10::Stream getDefaultStream(c10::Device) const override { return stream(0); }
    c10::Stream getStreamFromGlobalPool(c10::Device, bool) const override
    {
        static c10::StreamId next = 0;
        return stream(++next);
    }
    c10::Stream exchangeStream(c10::Stream to) const override
    {
        const auto before = stream(current_stream);
        if (to.id() != current_stream)
            entered.push_back(to.id());
        current_stream = to.id();
        return before;
    }
    c10::DeviceIndex deviceCount() const noexcept override { return 1; }
    void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    void destroyEvent(void*, const c10::DeviceIndex) const noexcept override {}
    bool queryStream(const c10::Stream&) const override { return true; }
    void synchronizeStream(const c10::Stream&) const override {}
    void synchronizeDevice(c10::DeviceIndex) const override { ++all_waits; }
};

struct FarHooks final : at::PrivateUse1HooksInterface {
    bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
};

const c10::impl::DeviceGuardImplRegistrar registered(far, new FarGuard); // for ever: LibTorch's own way

template <typename Value>
Value taken(Value& value)
{
    return std::exchange(value, Value{});
}

} // namespace

at::Device far_device()
{
    static std::once_flag named;
    std::call_once(named, [] {
        c10::register_privateuse1_backend("far");
        at::RegisterPrivateUse1HooksInterface(new FarHooks);
    });
    return {far, 0};
}

std::int64_t waits_of_host()
{
    return taken(waits);
}

std::int64_t arrivals()
{
    return taken(arrived);
}

std::vector<std::int64_t> streams_entered()
{
    return taken(entered);
}

std::int64_t device_waits()
{
    return taken(all_waits);
}

} // namespace fa::testing
