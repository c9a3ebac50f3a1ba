#include "models/torchscript_program.hpp"

#include "models/checkpoint.hpp"

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace fa::models {
namespace {

/// Bytes in memory as the archive reader wants them.
class Memory final : public caffe2::serialize::ReadAdapterInterface {
  public:
    explicit Memory(std::span<const std::byte> bytes) : bytes_(bytes) {}
    std::size_t size() const override { return bytes_.size(); }
    std::size_t read(std::uint64_t position, void* buffer, std::size_t count, const char*) const override
    {
        if (position >= bytes_.size())
            return 0;
        count = std::min<std::uint64_t>(count, bytes_.size() - position);
        std::memcpy(buffer, bytes_.data() + position, count);
        return count;
    }

  private:
    std::span<const std::byte> bytes_;
};

/// An error of LibTorch without the traces of two languages around it: what failed stands in the last line.
std::string reason_of(const std::exception& error)
{
    const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
    std::string text = torch_error ? torch_error->what_without_backtrace() : error.what();
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.pop_back();
    return text.substr(text.rfind('\n') + 1); // npos + 1 is 0
}

/// The interpreter passes errors on by their text alone; those of a device are told apart (design 8).
void rethrow_device_error(const std::exception& error)
{
    const std::string text = error.what();
    const auto line_at = [&](const char* beginning) {
        const auto at = text.find(beginning);
        return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
    };
    const c10::SourceLocation here{__func__, __FILE__, __LINE__};
    if (const auto line = line_at("CUDA out of memory"); !line.empty())
        throw c10::OutOfMemoryError(here, line);
    for (const char* beginning : {"CUDA error:", "CUDA driver error:", "cuDNN error:"})
        if (const auto line = line_at(beginning); !line.empty())
            throw c10::AcceleratorError(here, 0, line);
}

std::vector<at::Tensor> tensors_in(const c10::IValue& value, const std::string& what)
{
    std::vector<at::Tensor> tensors;
    if (value.isTensorList())
        tensors = value.toTensorVector();
    else if (value.isTuple() || value.isList())
        for (const auto& element :
             value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec())
            tensors.push_back(element.isTensor() ? element.toTensor() : at::Tensor());
    const bool all = std::all_of(tensors.begin(), tensors.end(), [](const auto& t) { return t.defined(); });
    if (tensors.empty() || !all)
        throw std::runtime_error(what + " should be a list of tensors, one for each layer");
    return tensors;
}

/// Brings a module's tensors to a device and the floating ones to a type. (Module::to would cast indices and
/// counters too.) A tensor that stands in several places stays one.
class Placed {
  public:
    explicit Placed(const at::TensorOptions& place) : place_(place) {}

    void put(const torch::jit::Module& module)
    {
        const auto object = module._ivalue();
        for (std::size_t slot = 0; slot < object->slots().size(); ++slot) {
            const auto value = object->getSlot(slot);
            if (value.isModule())
                put(value.toModule());
            else if (value.isTensor() && value.toTensor().defined())
                object->setSlot(slot, placed(value.toTensor()));
        }
    }

  private:
    at::Tensor placed(const at::Tensor& tensor)
    {
        auto& [before, after] = known_[tensor.unsafeGetTensorImpl()];
        if (!before.defined()) {
            before = tensor; // kept: no other tensor may come to lie in its place meanwhile
            after = tensor.to(tensor.is_floating_point() ? place_ : at::TensorOptions(place_.device()));
        }
        return after;
    }

    at::TensorOptions place_;
    std::map<const c10::TensorImpl*, std::pair<at::Tensor, at::Tensor>> known_;
};

} // namespace

TorchScriptProgram::TorchScriptProgram(std::span<const std::byte> bytes,
                                       std::map<std::string, std::string>& extra_files)
{
    torch::jit::ExtraFilesMap files(extra_files.begin(), extra_files.end());
    try {
        module_ = torch::jit::load(std::make_shared<Memory>(bytes), at::kCPU, files);
    } catch (const std::exception& error) {
        throw CheckpointError("not a TorchScript archive (torch.jit.save): " + reason_of(error));
    }
    for (auto& [name, contents] : extra_files)
        contents = std::move(files[name]);
    module_.eval();
}

Tensors TorchScriptProgram::tensors() const
{
    Tensors tensors;
    for (const auto& attribute : module_.named_attributes())
        if (attribute.value.isTensor() && attribute.value.toTensor().defined())
            tensors.emplace(attribute.name, attribute.value.toTensor().detach());
    return tensors;
}

TorchScriptProgram TorchScriptProgram::cast(const at::TensorOptions& place) const
{
    const at::NoGradGuard constant;
    auto copy = module_.deepcopy();
    Placed(place).put(copy);
    // Frozen ones too: attention modules take a path without a backward where no parameter requires grad.
    for (const auto& parameter : copy.parameters())
        if (parameter.is_floating_point())
            parameter.set_requires_grad(true);
    return TorchScriptProgram(std::move(copy));
}

c10::IValue TorchScriptProgram::run(const char* method, std::vector<c10::IValue> arguments) const
{
    // The trap: with the executor's optimisations hidden states lose their gradients from the second forward
    // on. The switch belongs to the thread.
    const torch::jit::GraphOptimizerEnabledGuard unoptimised(false);
    const bool on_cpu =
        arguments.front().toTensor().device().is_cpu(); // where such words are the program's own
    try {
        return module_.get_method(method)(std::move(arguments));
    } catch (const std::exception& error) {
        if (!on_cpu)
            rethrow_device_error(error);
        throw std::runtime_error(std::string("the archive's ") + method + " failed: " + reason_of(error));
    }
}

Activations TorchScriptProgram::forward(const at::Tensor& inputs) const
{
    // A leaf before h_0, so that h_0 requires grad also where constants made all weights. The program gets a
    // copy of it: it may change its inputs in place.
    const auto leaf = at::GradMode::is_enabled() ? inputs.detach().requires_grad_() : inputs;
    const auto output = run("forward", {leaf.clone()});
    const bool pair = output.isTuple() && output.toTupleRef().elements().size() == 2 &&
                      output.toTupleRef().elements()[0].isTensor();
    if (!pair)
        throw std::runtime_error("the archive's forward should return (logits, [h_0 … h_L]), but returns " +
                                 output.tagKind());
    const auto& elements = output.toTupleRef().elements();
    return {elements[0].toTensor(),
            tensors_in(elements[1], "the second thing that the archive's forward returns")};
}

bool TorchScriptProgram::has_local_credit() const
{
    return module_.find_method("local_credit").has_value();
}

std::vector<at::Tensor> TorchScriptProgram::local_credit(const at::Tensor& inputs,
                                                         const at::Tensor& labels) const
{
    return tensors_in(run("local_credit", {inputs.clone(), labels.clone()}),
                      "what the archive's local_credit returns");
}

} // namespace fa::models
