#pragma once
/// The pitfalls as they look in a user's Python (pitfalls 1 to 4 of the protocol's list).

#include "reporting/checklist/python_source.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace fa::reporting {

struct Finding {
    int pitfall = 0; ///< 1 to 4
    std::string where;
    std::uint32_t line = 0;
    std::string text; ///< what is wrong and what would be right
};

/// A module or a notebook: its cells share their imports.
struct Program {
    std::span<const PythonSource> sources;
    Imports imports;
};

/// 1: a norm whose p is -1, where dim=-1 was meant: `g.norm(-1)`, `torch.norm(g, -1)`, `F.normalize(g, -1)`.
/// Not `.norm(dim=-1)`, `.norm(2, -1)`, and not `.norm(p=-1)`, which says what it does.
std::vector<Finding> find_minus_one_norms(const Program& program);

/// 2: PyTorch's cosine_similarity whose eps is the default, or a number of 1e-12 or more, unless an `assert`
/// about a norm stands before it in the same function (or an `if` about one whose body leaves).
std::vector<Finding> find_clamped_cosines(const Program& program);

/// 3: half precision in a function that computes a cosine or Γ: `.half()`, `.bfloat16()`, autocast, float16,
/// bfloat16. Not `autocast(enabled=False)`, and not a dtype that an `if` or `assert` merely asks for.
std::vector<Finding> find_half_precision(const Program& program);

/// 4: random feedback matrices that nothing saves. What is called a feedback matrix: B, Bs, B1, B_l,
/// self.B_0, or any name with `feedback` in it (none with `fresh` in it: those are drawn to be forgotten).
/// Saved: given to a saving call (torch.save, np.savez, save_file, dump, register_buffer, export_…), by
/// itself or in a dict or list that is; a Parameter or Buffer; or made by a generator of its own
/// (`generator=`), from which it can be made again.
class FeedbackRule {
  public:
    /// Notes what is made and what is saved; a matrix may be saved in another file than it is made in.
    void look_at(const Program& program);
    std::vector<Finding> findings() const;

  private:
    struct Made {
        std::string name, where;
        std::uint32_t line;
    };
    void look_at(const PythonSource& source);
    void look_at_calls(const PythonSource& source, const LogicalLine& line);
    void look_at_saving(const PythonSource& source, const Call& call);
    void look_at_assignment(const PythonSource& source, const LogicalLine& line);

    std::vector<Made> made_;
    std::set<std::string, std::less<>> saved_;
    /// name of a dict or list → names that were put into it
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> contents_;
};

} // namespace fa::reporting
