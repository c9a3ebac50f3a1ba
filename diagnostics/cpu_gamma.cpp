#include "diagnostics/cpu_gamma.hpp"

namespace fa::diagnostics {

CpuGamma::CpuGamma(const GammaTask& task, KeptDraws& draws)
    : task_(task), draws_(draws),
      engine_(task.draws.propagation, task.draws.shapes, task.batch_size, task.most_draws)
{
}

void CpuGamma::finish(const FreshGamma& out)
{
    const auto& block = draws_.block(begun_.front());
    begun_.pop_front();
    const auto size = task_.batch_size;
    for (std::size_t b = 0; b < task_.batches.size(); ++b) {
        const auto batch = static_cast<std::int64_t>(b);
        engine_(task_.batches[b], block,
                {.gamma = out.gamma.narrow(1, batch * size, size),
                 .batchvec = out.batchvec.select(1, batch),
                 .flat = out.flat.select(1, batch),
                 .concat = out.concat.narrow(1, batch * size, size)});
    }
}

} // namespace fa::diagnostics
