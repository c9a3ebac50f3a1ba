#include "diagnostics/normal.hpp"

#include "diagnostics/random_kernel.hpp"

#include <algorithm>
#include <stdexcept>

namespace fa::random {

extern const Kernel kernel_baseline;
#ifdef FA_X86_KERNELS
extern const Kernel kernel_avx2;
extern const Kernel kernel_avx512;
#endif

const Kernel& kernel_for(InstructionSet set) noexcept
{
#ifdef FA_X86_KERNELS
    if (set == InstructionSet::avx2)
        return kernel_avx2;
    if (set == InstructionSet::avx512)
        return kernel_avx512;
#endif
    static_cast<void>(set);
    return kernel_baseline;
}

namespace {

const Kernel& fastest()
{
    return kernel_for(fastest_instruction_set());
}

/// Calls write(key, elements) for whole chunks: straight into `out` where a chunk lies inside the range,
/// through a buffer at its ends.
template <typename Element, typename Write>
void fill(const Stream& stream, std::uint64_t first, std::span<Element> out, const Write& write)
{
    if (first > stream_length || out.size() > stream_length - first)
        throw std::out_of_range("a random matrix may have at most 2^34 elements");
    ChunkKey key{
        .key = {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)},
        .first_block = 0,
        .layer = stream.layer,
        .draw = stream.draw,
        .purpose = stream.purpose};
    while (!out.empty()) {
        const std::size_t skipped = first % 4;
        const std::size_t count = std::min(out.size(), chunk_elements - skipped);
        key.first_block = static_cast<std::uint32_t>(first / 4);
        if (count == chunk_elements) {
            write(key, out.data());
        } else {
            alignas(64) Element buffer[chunk_elements];
            write(key, buffer);
            std::copy_n(buffer + skipped, count, out.data());
        }
        out = out.subspan(count);
        first += count;
    }
}

} // namespace

void fill_normal(const Stream& stream, std::uint64_t first, double scale, std::span<float> out)
{
    fill(stream, first, out,
         [&](const ChunkKey& key, float* chunk) { fastest().scaled_normals(key, scale, chunk); });
}

void fill_normal(const Stream& stream, std::uint64_t first, std::span<double> out)
{
    fill(stream, first, out, [](const ChunkKey& key, double* chunk) { fastest().normals(key, chunk); });
}

void fill_uniform(const Stream& stream, std::uint64_t first, double scale, std::span<float> out)
{
    fill(stream, first, out,
         [&](const ChunkKey& key, float* chunk) { fastest().uniforms(key, scale, chunk); });
}

void fill_rademacher(const Stream& stream, std::uint64_t first, double scale, std::span<float> out)
{
    fill(stream, first, out,
         [&](const ChunkKey& key, float* chunk) { fastest().rademachers(key, scale, chunk); });
}

void fill_words(const Stream& stream, std::uint64_t first, std::span<std::uint32_t> out)
{
    constexpr std::size_t few = 64; // block by block they cost less than a whole chunk
    if (first % 4 == 0 && first < stream_length && out.size() < few && out.size() <= stream_length - first) {
        for (std::size_t i = 0; i < out.size(); i += 4) {
            const auto words = philox(stream.seed, stream.purpose, stream.draw, stream.layer,
                                      static_cast<std::uint32_t>((first + i) / 4));
            std::copy_n(words.begin(), std::min<std::size_t>(4, out.size() - i), out.data() + i);
        }
        return;
    }
    fill(stream, first, out, [](const ChunkKey& key, std::uint32_t* chunk) { fastest().words(key, chunk); });
}

} // namespace fa::random
