#include "training/progress.hpp"

#include <fmt/format.h>

namespace fa::training {

std::string progress_line(const Recipe& recipe, const EpochReport& report)
{
    return fmt::format(
        "{:<16} epoch {:>3}/{}  loss {:<10.4g} train accuracy {:.3f}  test accuracy {:.3f}  lr {:.2e}"
        "  {:.1f} s",
        recipe.name, report.epoch, recipe.epochs, report.loss, report.train_accuracy, report.test_accuracy,
        report.learning_rate, report.seconds);
}

} // namespace fa::training
