#include "store/schema.hpp"

#include <gmock/gmock.h>

#include <set>
#include <stdexcept>

namespace fa::store {
namespace {

using ::testing::ElementsAre;

RunAttributes small_run()
{
    RunAttributes run;
    run.depth = 4;
    run.batches = 8;
    run.batch_size = 16;
    run.draws = 200;
    run.test_samples = 4000;
    return run;
}

std::vector<std::uint64_t> shape(const char* dataset)
{
    return shape_of(dataset_definition(dataset), small_run());
}

TEST(Schema, NamesAreUnique)
{
    std::set<std::string_view> names;
    for (const auto& definition : run_datasets()) {
        EXPECT_TRUE(names.insert(definition.name).second) << definition.name;
    }
}

TEST(Schema, ShapesAreTheDesigns)
{
    EXPECT_THAT(shape("norms/hidden"), ElementsAre(128, 5));
    EXPECT_THAT(shape("norms/error"), ElementsAre(128));
    EXPECT_THAT(shape("gamma/fresh"), ElementsAre(200, 128, 5));
    EXPECT_THAT(shape("gamma/fresh_iqm"), ElementsAre(200, 8, 5));
    EXPECT_THAT(shape("gamma/batchvec_train"), ElementsAre(8, 5));
    EXPECT_THAT(shape("gamma/concat_fresh"), ElementsAre(200, 128));
    EXPECT_THAT(shape("gamma/train_histogram"), ElementsAre(5, 2048));
    EXPECT_THAT(shape("direction/cosine"), ElementsAre(5, 8, 8));
    EXPECT_THAT(shape("pitfalls/norm_minus_one"), ElementsAre(8, 5));
    EXPECT_THAT(shape("accuracy/correct"), ElementsAre(4000));
    EXPECT_THAT(shape("relaxation/residual"), ElementsAre(128));
}

TEST(Schema, ElementsAreTheDesigns)
{
    EXPECT_EQ(dataset_definition("gamma/train").element, Element::f64);
    EXPECT_EQ(dataset_definition("gamma/fresh").element, Element::f32);
    EXPECT_EQ(dataset_definition("gamma/flat_fresh").element, Element::f32);
    EXPECT_EQ(dataset_definition("gamma/fresh_histogram").element, Element::u64);
    EXPECT_EQ(dataset_definition("samples/index").element, Element::i64);
    EXPECT_EQ(dataset_definition("accuracy/correct").element, Element::u8);
}

TEST(Schema, ElementsHaveTheirSizes)
{
    EXPECT_EQ(size_of(Element::u8), 1u);
    EXPECT_EQ(size_of(Element::f32), 4u);
    EXPECT_EQ(size_of(Element::i64), 8u);
    EXPECT_EQ(size_of(Element::u64), 8u);
    EXPECT_EQ(size_of(Element::f64), 8u);
}

TEST(Schema, RefusesUnknownDatasets)
{
    EXPECT_THROW(dataset_definition("gamma/tain"), std::out_of_range);
}

TEST(Schema, RefusesNegativeSizes)
{
    RunAttributes run = small_run();
    run.draws = -1;
    EXPECT_THROW(shape_of(dataset_definition("gamma/fresh"), run), std::invalid_argument);
}

} // namespace
} // namespace fa::store
