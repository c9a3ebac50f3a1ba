#include "harness/comm/mpi_backend.hpp"

#include "harness/comm/counter.hpp"
#include "store/error.hpp"

#include <chrono>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

namespace fa::harness::comm {
namespace {

/// MPI's counts are ints: longer buffers travel in pieces of this many bytes.
constexpr std::size_t piece = std::size_t{1} << 30;

void check(int status, const char* call)
{
    if (status == MPI_SUCCESS)
        return;
    char text[MPI_MAX_ERROR_STRING];
    int length = 0;
    MPI_Error_string(status, text, &length);
    throw std::runtime_error(std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
}

/// One window on rank 0's memory, open for all from construction on.
class WindowCounter final : public CounterBackend {
  public:
    WindowCounter(MPI_Comm group, int slots) : group_(group)
    {
        int rank = 0;
        check(MPI_Comm_rank(group, &rank), "MPI_Comm_rank");
        const MPI_Aint bytes = rank == 0 ? static_cast<MPI_Aint>(sizeof(std::uint64_t)) * slots : 0;
        check(MPI_Win_allocate(bytes, sizeof(std::uint64_t), MPI_INFO_NULL, group, &values_, &window_),
              "MPI_Win_allocate");
        if (rank == 0)
            std::fill_n(values_, slots, std::uint64_t{0});
        check(MPI_Win_lock_all(MPI_MODE_NOCHECK, window_), "MPI_Win_lock_all");
        check(MPI_Win_sync(window_), "MPI_Win_sync");
        check(MPI_Barrier(group), "MPI_Barrier");
    }
    ~WindowCounter() override
    {
        // Freeing is collective: a rank that unwinds alone would wait for the others for ever.
        if (std::uncaught_exceptions() > exceptions_)
            return;
        MPI_Win_unlock_all(window_);
        MPI_Win_free(&window_);
    }

    std::uint64_t fetch_and_add(int slot, std::uint64_t amount) override
    {
        std::uint64_t before = 0;
        check(MPI_Fetch_and_op(&amount, &before, MPI_UINT64_T, 0, slot, MPI_SUM, window_),
              "MPI_Fetch_and_op");
        check(MPI_Win_flush(0, window_), "MPI_Win_flush");
        return before;
    }
    void poll() override
    {
        int flag = 0;
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, group_, &flag, MPI_STATUS_IGNORE);
    }

  private:
    MPI_Comm group_;
    std::uint64_t* values_ = nullptr;
    MPI_Win window_ = MPI_WIN_NULL;
    int exceptions_ = std::uncaught_exceptions();
};

class Ranks final : public Backend {
  public:
    /// Takes over a communicator.
    explicit Ranks(MPI_Comm group) : group_(group)
    {
        check(MPI_Comm_rank(group_, &rank_), "MPI_Comm_rank");
        check(MPI_Comm_size(group_, &size_), "MPI_Comm_size");
    }
    ~Ranks() override { MPI_Comm_free(&group_); }

    int rank() const override { return rank_; }
    int size() const override { return size_; }
    void barrier() const override { check(MPI_Barrier(group_), "MPI_Barrier"); }

    void broadcast(std::span<std::byte> bytes, int root) const override
    {
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            const auto part = bytes.subspan(at, std::min(piece, bytes.size() - at));
            check(MPI_Bcast(part.data(), static_cast<int>(part.size()), MPI_BYTE, root, group_), "MPI_Bcast");
        }
    }
    void all_gather(std::span<const std::byte> mine, std::span<std::byte> all) const override
    {
        if (all.size() > piece)
            return all_gather_long(mine, all);
        const bool in_place = mine.data() == all.data() + mine.size() * static_cast<std::size_t>(rank_);
        const int bytes = static_cast<int>(mine.size());
        check(MPI_Allgather(in_place ? MPI_IN_PLACE : mine.data(), bytes, MPI_BYTE, all.data(), bytes,
                            MPI_BYTE, group_),
              "MPI_Allgather");
    }
    void sum(std::span<std::uint64_t> values) const override
    {
        check(MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()), MPI_UINT64_T,
                            MPI_SUM, group_),
              "MPI_Allreduce");
    }
    Communicator::Lowest lowest(int value) const override
    {
        struct {
            int value;
            int rank;
        } mine{value, rank_}, least{};
        check(MPI_Allreduce(&mine, &least, 1, MPI_2INT, MPI_MINLOC, group_), "MPI_Allreduce");
        return {least.value, least.rank};
    }
    std::shared_ptr<const Backend> split(int colour) const override
    {
        MPI_Comm part = MPI_COMM_NULL;
        check(MPI_Comm_split(group_, colour, rank_, &part), "MPI_Comm_split");
        return std::make_shared<Ranks>(part);
    }
    Communicator::Place place_on_this_machine() const override
    {
        MPI_Comm machine = MPI_COMM_NULL;
        check(MPI_Comm_split_type(group_, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &machine),
              "MPI_Comm_split_type");
        Communicator::Place place{.rank = 0, .ranks = 1};
        check(MPI_Comm_rank(machine, &place.rank), "MPI_Comm_rank");
        check(MPI_Comm_size(machine, &place.ranks), "MPI_Comm_size");
        check(MPI_Comm_free(&machine), "MPI_Comm_free");
        return place;
    }
    void wait_for_all(const std::function<void()>& meanwhile) const override
    {
        MPI_Request request = MPI_REQUEST_NULL;
        check(MPI_Ibarrier(group_, &request), "MPI_Ibarrier");
        for (int turn = 0, arrived = 0; !arrived; ++turn) {
            check(MPI_Test(&request, &arrived, MPI_STATUS_IGNORE), "MPI_Test");
            if (arrived)
                return;
            // A short sleep: the core belongs to the ranks that still work, and their requests are served
            // soon.
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (turn % 20 == 0)
                meanwhile();
        }
    }
    void poll() const override
    {
        int flag = 0;
        check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, group_, &flag, MPI_STATUS_IGNORE), "MPI_Iprobe");
    }
    store::Access open_file_access() const override
    {
        if (size_ == 1)
            return {};
        store::Access access;
        access.file = H5Pcreate(H5P_FILE_ACCESS);
        access.transfer = H5Pcreate(H5P_DATASET_XFER);
        if (H5Pset_fapl_mpio(access.file, group_, MPI_INFO_NULL) < 0 ||
            H5Pset_dxpl_mpio(access.transfer, H5FD_MPIO_COLLECTIVE) < 0)
            throw store::StoreError("HDF5 refuses the MPI-IO driver");
        return access;
    }
    std::unique_ptr<CounterBackend> make_counter(int slots) const override
    {
        return std::make_unique<WindowCounter>(group_, slots);
    }

  private:
    /// Places counted in bytes wouldn't fit into MPI's ints.
    void all_gather_long(std::span<const std::byte> mine, std::span<std::byte> all) const
    {
        const auto place = [&](int rank) {
            return all.subspan(mine.size() * static_cast<std::size_t>(rank), mine.size());
        };
        std::memmove(place(rank_).data(), mine.data(), mine.size());
        for (int rank = 0; rank < size_; ++rank)
            broadcast(place(rank), rank);
    }

    MPI_Comm group_;
    int rank_ = 0;
    int size_ = 1;
};

} // namespace

std::shared_ptr<const Backend> make_mpi_backend(MPI_Comm group)
{
    MPI_Comm duplicate = MPI_COMM_NULL;
    check(MPI_Comm_dup(group, &duplicate), "MPI_Comm_dup");
    return std::make_shared<Ranks>(duplicate);
}

} // namespace fa::harness::comm
