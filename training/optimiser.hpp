#pragma once
/// LibTorch's Adam behind a wall: its headers take long to compile and are included in one file only.

#include <ATen/ATen.h>

#include <memory>
#include <vector>

namespace fa::training {

/// Adam (Kingma and Ba 2015) with PyTorch's defaults: β = (0.9, 0.999), ε = 1e-8, no weight decay.
class Adam {
  public:
    explicit Adam(std::vector<at::Tensor> parameters);
    ~Adam();
    Adam(const Adam&) = delete;
    Adam& operator=(const Adam&) = delete;

    /// Moves the parameters in place. @param gradients  one for each, in their order
    void step(const std::vector<at::Tensor>& gradients, double learning_rate);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace fa::training
