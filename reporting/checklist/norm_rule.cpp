/// Pitfall 1: `.norm(-1)` is no L2 norm along dim=-1.
#include "reporting/checklist/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fa::reporting {
namespace {

bool is_norm_function(std::string_view full)
{
    static constexpr std::string_view functions[] = {
        "torch.norm",        "torch.Tensor.norm",        "torch.functional.norm",
        "torch.linalg.norm", "torch.linalg.vector_norm", "torch.nn.functional.normalize",
        "numpy.linalg.norm"};
    return std::ranges::find(functions, full) != std::end(functions);
}

/// @param p  -1, or another negative number
std::string said(std::string_view name, TokenSpan p, bool is_function)
{
    const auto number = fmt::format("-{}", without_brackets(p).back().text);
    if (is_function) {
        return fmt::format("{}(x, {}): its second argument is p, not dim; write {}(x, dim={})", name, number,
                           name, number);
    }
    return fmt::format(
        ".norm({}) is the norm with p = {} of the whole tensor (for -1: 1/Σ(1/|x|)), no L2 norm of rows; "
        "write .norm(dim={})",
        number, number, number);
}

} // namespace

std::vector<Finding> find_minus_one_norms(const Program& program)
{
    std::vector<Finding> findings;
    for (const auto& source : program.sources) {
        for (std::uint32_t i = 0; i < source.tokens().size(); ++i) {
            const auto name = source.tokens()[i].text;
            const bool norm = name == "norm" || name == "vector_norm" || name == "normalize" ||
                              program.imports.renames(name);
            if (!norm || !source.is_call(i)) {
                continue;
            }
            const auto call = source.call_at(i);
            const bool is_function = is_norm_function(program.imports.full_name(source, call));
            const bool is_method = !is_function && name == "norm" && !call.receiver.empty();
            const auto* p = is_function ? call.positional(1) : is_method ? call.positional(0) : nullptr;
            if (p != nullptr && is_negative_number(p->value)) {
                findings.push_back(
                    {1, source.where(), source.tokens()[i].line, said(name, p->value, is_function)});
            }
        }
    }
    return findings;
}

} // namespace fa::reporting
