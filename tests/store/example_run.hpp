#pragma once
/// A small run whose every number follows from its place, so that tests in any language know what a file must
/// hold.

#include "store/run_file.hpp"
#include "store/schema.hpp"
#include "store/writer.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace fa::testing {

class ExampleRun {
  public:
    /// @param batches  3: with four ranks one has no rows of the datasets by batch
    explicit ExampleRun(std::int64_t batches = 3, std::int64_t draws = 5)
    {
        attributes.name = "dfa-s42";
        attributes.model = "resmlp";
        attributes.architecture = "resmlp-2x7";
        attributes.credit = "dfa";
        attributes.loss = "cross_entropy";
        attributes.precision = "float64";
        attributes.depth = 2;
        attributes.width = {7, 7, 7};
        attributes.classes = 4;
        attributes.batch_size = 6;
        attributes.batches = batches;
        attributes.draws = draws;
        attributes.draw_seed = 0xffffffffffffffffu;
        attributes.eval_seed = 12;
        attributes.test_samples = 41;
        attributes.feedback = "stored";
        attributes.feedback_distribution = "normal";
        attributes.feedback_sign = -1;
        attributes.feedback_shared = true;
        attributes.feedback_verified = "verified";
        attributes.checkpoint_sha256 = std::string(64, 'a');
        attributes.data_sha256 = std::string(64, 'b');
        attributes.digest = std::string(64, 'd');
        attributes.keep = "samples";
        attributes.relaxation = {.beta = 0.3, .steps = 12, .step = 0.1};
        for (const auto& definition : store::run_datasets()) {
            names_.push_back(std::string(definition.name));
            contents_.push_back(content(definition));
        }
    }

    store::RunAttributes attributes;

    const std::vector<std::string>& names() const { return names_; }
    std::span<const std::byte> bytes(std::size_t dataset) const { return contents_[dataset]; }

    /// This rank's rows of every dataset.
    std::vector<store::Slab> slabs(int rank = 0, int ranks = 1) const
    {
        std::vector<store::Slab> all;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const auto& definition = store::dataset_definition(names_[i]);
            store::Slab slab{names_[i], store::shape_of(definition, attributes), 0, 0, {}};
            const std::uint64_t rows = slab.shape[0];
            const std::uint64_t row_bytes = rows == 0 ? 0 : contents_[i].size() / rows;
            slab.first_row = rows * static_cast<std::uint64_t>(rank) / static_cast<std::uint64_t>(ranks);
            slab.rows = rows * static_cast<std::uint64_t>(rank + 1) / static_cast<std::uint64_t>(ranks) -
                        slab.first_row;
            slab.bytes = bytes(i).subspan(slab.first_row * row_bytes, slab.rows * row_bytes);
            all.push_back(slab);
        }
        return all;
    }

    std::vector<std::uint32_t> crcs() const
    {
        std::vector<std::uint32_t> all;
        for (const auto& bytes : contents_) {
            all.push_back(store::checksum(bytes));
        }
        return all;
    }

    /// Element k of dataset number i, for real numbers; every 11th is undefined. h5py_test.py has the same
    /// formula.
    static double real(std::size_t i, std::size_t k)
    {
        return k % 11 == 10 ? std::numeric_limits<double>::quiet_NaN()
                            : static_cast<double>(k) / 4.0 - static_cast<double>(i);
    }
    static std::uint64_t integer(std::size_t i, std::size_t k) { return (7 * k + i) % 251; }

  private:
    std::vector<std::byte> content(const store::DatasetDefinition& definition) const
    {
        const std::size_t i = contents_.size();
        std::size_t count = 1;
        for (const std::uint64_t size : store::shape_of(definition, attributes)) {
            count *= size;
        }
        std::vector<std::byte> bytes(count * store::size_of(definition.element));
        const auto put = [&](std::size_t k, auto value) {
            std::memcpy(&bytes[k * sizeof value], &value, sizeof value);
        };
        for (std::size_t k = 0; k < count; ++k) {
            switch (definition.element) {
            case store::Element::u8:
                put(k, static_cast<std::uint8_t>(integer(i, k)));
                break;
            case store::Element::i64:
            case store::Element::u64:
                put(k, integer(i, k));
                break;
            case store::Element::f32:
                put(k, static_cast<float>(real(i, k)));
                break;
            case store::Element::f64:
                put(k, real(i, k));
                break;
            }
        }
        return bytes;
    }

    std::vector<std::string> names_;
    std::vector<std::vector<std::byte>> contents_;
};

} // namespace fa::testing
