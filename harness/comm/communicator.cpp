#include "harness/comm/communicator.hpp"

#include "harness/comm/counter.hpp"

#include <cstring>
#include <vector>

namespace fa::harness::comm {
namespace {

class LocalCounter final : public CounterBackend {
  public:
    explicit LocalCounter(int slots) : values_(static_cast<std::size_t>(slots)) {}

    std::uint64_t fetch_and_add(int slot, std::uint64_t amount) override
    {
        auto& value = values_.at(static_cast<std::size_t>(slot));
        const auto before = value;
        value += amount;
        return before;
    }
    void poll() override {}

  private:
    std::vector<std::uint64_t> values_;
};

/// A group of one.
class Alone final : public Backend {
  public:
    int rank() const override { return 0; }
    int size() const override { return 1; }
    void barrier() const override {}
    void broadcast(std::span<std::byte>, int) const override {}
    void all_gather(std::span<const std::byte> mine, std::span<std::byte> all) const override
    {
        std::memmove(all.data(), mine.data(), mine.size()); // which may be its own place
    }
    void sum(std::span<std::uint64_t>) const override {}
    Communicator::Lowest lowest(int value) const override { return {value, 0}; }
    std::shared_ptr<const Backend> split(int) const override { return std::make_shared<Alone>(); }
    Communicator::Place place_on_this_machine() const override { return {.rank = 0, .ranks = 1}; }
    void wait_for_all(const std::function<void()>&) const override {}
    void poll() const override {}
    store::Access open_file_access() const override { return {}; }
    std::unique_ptr<CounterBackend> make_counter(int slots) const override
    {
        return std::make_unique<LocalCounter>(slots);
    }
};

} // namespace

Communicator::Communicator() : backend_(std::make_shared<Alone>()) {}
Communicator::Communicator(std::shared_ptr<const Backend> backend) : backend_(std::move(backend)) {}

int Communicator::rank() const
{
    return backend_->rank();
}
int Communicator::size() const
{
    return backend_->size();
}
void Communicator::barrier() const
{
    backend_->barrier();
}
void Communicator::broadcast(std::span<std::byte> bytes, int root) const
{
    backend_->broadcast(bytes, root);
}
void Communicator::sum(std::span<std::uint64_t> values) const
{
    backend_->sum(values);
}
Communicator::Lowest Communicator::lowest(int value) const
{
    return backend_->lowest(value);
}
Communicator Communicator::split(int colour) const
{
    Communicator part(backend_->split(colour));
    part.watch_ = watch_;
    return part;
}

Communicator::Place Communicator::place_on_this_machine() const
{
    return backend_->place_on_this_machine();
}

Communicator Communicator::watched_by(Watch watch) const
{
    auto watched = *this;
    watched.watch_ = std::make_shared<const Watch>(std::move(watch));
    return watched;
}

void Communicator::show_to_watch(const std::exception& error) const
{
    if (watch_)
        (*watch_)(error);
}

void Communicator::wait_for_all(const std::function<void()>& meanwhile) const
{
    backend_->wait_for_all(meanwhile);
}

void Communicator::poll() const
{
    backend_->poll();
}

void Communicator::all_gather(std::span<const std::byte> mine, std::span<std::byte> all) const
{
    backend_->all_gather(mine, all);
}

std::string Communicator::shared(std::string text, int root) const
{
    text.resize(shared(text.size(), root));
    broadcast(std::as_writable_bytes(std::span(text)), root);
    return text;
}

FileAccess::~FileAccess()
{
    for (const hid_t list : {lists_.file, lists_.transfer})
        if (list != H5P_DEFAULT)
            H5Pclose(list);
}

} // namespace fa::harness::comm
