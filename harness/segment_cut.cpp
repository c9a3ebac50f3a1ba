#include "harness/segment_cut.hpp"

#include <algorithm>

namespace fa::harness {
namespace {

std::int64_t pieces_of(std::int64_t blocks, std::int64_t most_blocks)
{
    return (blocks + most_blocks - 1) / most_blocks;
}

} // namespace

std::int64_t blocks_per_segment(const RunWork& work, double most)
{
    if (work.of_draws() <= most || work.draw_blocks == 0)
        return 0;
    // Of whole blocks: a last one that is shorter would only blur what a segment is.
    const double of_block =
        work.of_draws() * static_cast<double>(work.draws_per_block) / static_cast<double>(work.draws);
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(most / of_block));
}

std::vector<std::vector<jobs::Range>> cut(std::span<const jobs::Range> blocks, std::int64_t most_blocks)
{
    std::vector<std::vector<jobs::Range>> segments;
    for (std::size_t begin = 0; begin < blocks.size();) {
        auto end = begin + 1;
        while (end < blocks.size() && blocks[end].begin == blocks[end - 1].end)
            ++end;
        const auto count = static_cast<std::int64_t>(end - begin);
        const auto pieces = static_cast<int>(pieces_of(count, most_blocks));
        for (int piece = 0; piece < pieces; ++piece) {
            const auto share = jobs::share(count, piece, pieces);
            const auto part = blocks.subspan(begin + static_cast<std::size_t>(share.begin),
                                             static_cast<std::size_t>(share.size()));
            segments.emplace_back(part.begin(), part.end());
        }
        begin = end;
    }
    return segments;
}

std::int64_t segments_of(const RunWork& work, double most, int ranks)
{
    const auto most_blocks = blocks_per_segment(work, most);
    if (most_blocks == 0)
        return 0;
    std::int64_t segments = 0;
    for (int rank = 0; rank < ranks; ++rank)
        segments += pieces_of(jobs::share(work.draw_blocks, rank, ranks).size(), most_blocks);
    return segments;
}

} // namespace fa::harness
