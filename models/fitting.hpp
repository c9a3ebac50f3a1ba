#pragma once
/// Fits a checkpoint's named tensors to a network: takes them by name and shape, and collects everything that
/// is wrong, so that one message can say it all.

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fa::models {

using Tensors = std::map<std::string, at::Tensor>;
using Shape = std::vector<std::int64_t>;

/// One name in the spellings of several codes; the first is what a message calls it where none is there.
using Spellings = std::vector<std::string>;

/// front + middle + back for every middle.
Spellings spelled(const std::string& front, const Spellings& middles, const std::string& back);

class Fitting {
  public:
    /// `module.` and `_orig_mod.` (what DistributedDataParallel and torch.compile put before names), in any
    /// order and number, are passed over where every tensor but feedback.<l> has them; messages keep them.
    /// @param tensors  must outlive this object
    /// @param network  how messages call it: "a ResMLP"
    Fitting(const Tensors& tensors, std::string network);

    /// Names without the wrappers' prefix, sorted; feedback.<l> are not among them.
    std::vector<std::string> names() const;
    /// 1 + the largest n of names `<prefix><n>.…`, 0 where there is none.
    std::int64_t count(std::string_view prefix) const;
    /// Is any spelling there?
    bool has(const Spellings& name) const;
    /// The tensor as the file has it, unfitted; undefined where it is missing.
    at::Tensor peek(const Spellings& name) const;
    /// Size of an axis of a tensor of that many axes, 0 where there is none such (take reports it).
    std::int64_t axis(const Spellings& name, std::int64_t axes, std::int64_t which) const;

    /// The tensor in the precision of all, undefined (and complained of) where it is missing or doesn't fit.
    /// @param expected  axes of 0 may have any size but none
    at::Tensor take(const Spellings& name, const Shape& expected);

    /// Adds a problem to the message of finish().
    void complain(const std::string& problem);
    /// @throws CheckpointError naming, as the file spells them, every tensor that was missing or misshapen,
    /// and those that nobody took (but feedback.<l>)
    void finish() const;

  private:
    /// The entry of the first spelling that is there.
    Tensors::const_iterator found(const Spellings& name) const;

    const Tensors& tensors_;
    std::string network_;
    std::string prefix_;
    at::ScalarType precision_ = at::kFloat; ///< the widest of the tensors', at least float32
    std::set<std::string> taken_;           ///< names as the file spells them
    std::vector<std::string> problems_;
};

/// Weight and bias of a linear layer or a LayerNorm.
struct Affine {
    at::Tensor weight;
    at::Tensor bias; ///< undefined: none
};

enum class Bias { required, none };

/// `<name>.weight` [outputs, inputs] and `<name>.bias` [outputs].
Affine take_linear(Fitting& fitting, const Spellings& name, std::int64_t outputs, std::int64_t inputs,
                   Bias bias = Bias::required);
/// `<name>.weight` and `<name>.bias`, both [width].
Affine take_norm(Fitting& fitting, const Spellings& name, std::int64_t width);

/// W x + b over the last axis.
at::Tensor linear(const Affine& affine, const at::Tensor& x);
/// LayerNorm over the last axis.
at::Tensor layer_norm(const Affine& affine, const at::Tensor& x, double eps);

} // namespace fa::models
