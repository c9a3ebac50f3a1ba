#include "diagnostics/verdict/verdict.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace fa::verdict {
namespace {

using testing::HasSubstr;

/// A run of two layers, eight batches of 128 samples, in which everything is healthy.
struct Store {
    std::size_t batches = 8;
    std::size_t batch_size = 128;
    double growth = 1.5;
    double last_gradient = 1e-4;
    double error = 0.8;
    double cosine = 0.1;

    Verdict judged(const Control& control, std::optional<double> headline = {},
                   const Thresholds& thresholds = {})
    {
        const std::size_t samples = batches * batch_size;
        hidden_norm.clear();
        gradient_norm.clear();
        for (std::size_t sample = 0; sample < samples; ++sample) {
            hidden_norm.insert(hidden_norm.end(), {4.0, 4.0 * growth});
            gradient_norm.insert(gradient_norm.end(), {1e-3, last_gradient});
        }
        error_norm.assign(samples, error);
        direction_cosine.assign(2 * batches * batches, cosine);
        return judge({.layers = 2,
                      .batches = batches,
                      .batch_size = batch_size,
                      .hidden_norm = hidden_norm,
                      .gradient_norm = gradient_norm,
                      .error_norm = error_norm,
                      .direction_cosine = direction_cosine,
                      .correct = correct},
                     control, headline, thresholds);
    }

    std::vector<double> hidden_norm = {}, gradient_norm = {}, error_norm = {}, direction_cosine = {};
    std::vector<std::uint8_t> correct = std::vector<std::uint8_t>(100, 1);
};

TEST(Verdict, IsTrustworthyWhereAllFourPass)
{
    const Verdict verdict = Store{}.judged(ControlAccuracy{0.6}, 1.0);
    EXPECT_TRUE(verdict.trustworthy());
    EXPECT_EQ(verdict.text(), "trustworthy");
    EXPECT_EQ(verdict.full_text(), "trustworthy");
    EXPECT_EQ(verdict.fired(), "");
    EXPECT_EQ(verdict.letters(), "");
    EXPECT_EQ(verdict.not_run(), "");
    EXPECT_EQ(verdict.marginal(), "");
    EXPECT_TRUE(verdict.warnings.empty());
}

TEST(Verdict, NamesWhatDidNotRunBesideIt)
{
    const Verdict verdict = Store{}.judged(NoControl{});
    EXPECT_EQ(verdict.text(), "trustworthy");
    EXPECT_EQ(verdict.full_text(), "trustworthy (d not run: no frozen baseline)");
    EXPECT_EQ(verdict.not_run(), "d: no frozen baseline");
}

TEST(Verdict, NamesTwoThatDidNotRun)
{
    const Verdict verdict = Store{.batches = 4}.judged(NoControl{});
    EXPECT_EQ(verdict.not_run(), "c: 4 batches, at least 8 are needed;d: no frozen baseline");
    EXPECT_EQ(verdict.full_text(),
              "trustworthy (c not run: 4 batches, at least 8 are needed; d not run: no frozen baseline)");
}

TEST(Verdict, ListsWhatFiredWithCauses)
{
    const Verdict verdict = Store{.growth = 1e6, .last_gradient = 1e-10}.judged(ControlAccuracy{0.99});
    EXPECT_FALSE(verdict.trustworthy());
    EXPECT_EQ(verdict.text(), "needs walk-back: scale, floor, useful blocks");
    EXPECT_EQ(verdict.fired(), "a;b:scale;d");
    EXPECT_EQ(verdict.letters(), "abd");
}

TEST(Verdict, GammaIsNotInterpretableWhereScaleOrFloorFires)
{
    EXPECT_TRUE(Store{}.judged(NoControl{}).gamma_is_interpretable());
    EXPECT_FALSE(Store{.growth = 51}.judged(NoControl{}).gamma_is_interpretable());
    EXPECT_FALSE(Store{.last_gradient = 1e-8}.judged(NoControl{}).gamma_is_interpretable());
    EXPECT_TRUE(Store{.cosine = 0.9}.judged(ControlAccuracy{1.0}).gamma_is_interpretable());
}

TEST(Verdict, NamesDrift)
{
    const Verdict verdict = Store{.cosine = 0.9}.judged(NoControl{});
    EXPECT_EQ(verdict.full_text(), "needs walk-back: drift (d not run: no frozen baseline)");
    EXPECT_EQ(verdict.fired(), "c");
}

TEST(Verdict, ListsTheMarginalOnes)
{
    Store store{.cosine = 0.125}; // whose mean is exact
    std::vector<std::uint8_t> control(100, 1);
    std::fill_n(control.begin(), 3, std::uint8_t{0}); // 3 points, ± 3.3
    const Verdict verdict = store.judged(ControlRun{control}, {}, {.stability_drift_ceiling = 0.125});
    EXPECT_EQ(verdict.marginal(), "c;d"); // the interval of equal cosines is the point itself
    EXPECT_EQ(verdict.text(), "trustworthy");
}

TEST(Verdict, WarnsOfAHeadlineThatIsNotTheMeasuredAccuracy)
{
    const Verdict verdict = Store{}.judged(NoControl{}, 0.99);
    EXPECT_TRUE(verdict.trustworthy()) << "a report, not a diagnostic";
    ASSERT_EQ(verdict.warnings.size(), 1U);
    EXPECT_THAT(verdict.warnings[0], HasSubstr("0.99 differs from the measured 1.0000 by -1.00 points"));
}

TEST(Verdict, WarnsOfEndToEndGrowth)
{
    const Verdict verdict = Store{.growth = 60}.judged(NoControl{}, {}, {.h_norm_explosion_ratio = 100});
    EXPECT_TRUE(verdict.trustworthy());
    ASSERT_EQ(verdict.warnings.size(), 1U);
    EXPECT_THAT(verdict.warnings[0], HasSubstr("60-fold from h_0 to h_L"));
}

TEST(Verdict, WarnsOfDriftOnBatchesThatTheCeilingIsNotCalibratedFor)
{
    const Verdict verdict = Store{.batch_size = 16}.judged(NoControl{});
    ASSERT_EQ(verdict.warnings.size(), 1U);
    EXPECT_THAT(verdict.warnings[0], HasSubstr("batches of 16 samples"));
}

TEST(Verdict, RefusesADatasetOfTheWrongSize)
{
    const std::vector<double> norms(7, 1.0);
    try {
        judge({.layers = 2,
               .batches = 1,
               .batch_size = 4,
               .hidden_norm = norms,
               .gradient_norm = {},
               .error_norm = {},
               .direction_cosine = {},
               .correct = {}},
              NoControl{}, {}, {});
        FAIL() << "accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "norms/hidden has 7 entries, 8 are expected");
    }
}

} // namespace
} // namespace fa::verdict
