#pragma once
/// The pickle machine's stack and memo, bounded.

#include "models/checkpoint_error.hpp"
#include "models/pickle/objects.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace fa::models::pickle {

/// Most objects, stack entries and memo entries that a pickle may have. A checkpoint has some tens a tensor.
inline constexpr std::size_t most_objects = 3'000'000;

/// What lies below the last mark is out of reach, as in Python. Every function throws CheckpointError where
/// there is nothing to take or no room left.
class Stack {
  public:
    void push(Id id)
    {
        check_room(entries_.size(), "values on the stack");
        entries_.push_back(id);
    }
    Id top() const
    {
        if (is_empty())
            throw CheckpointError("the stack is empty");
        return entries_.back();
    }
    Id pop()
    {
        const Id id = top();
        entries_.pop_back();
        return id;
    }
    /// The last `count`, lowest first.
    std::vector<Id> pop(std::size_t count)
    {
        std::vector<Id> popped(count);
        for (auto i = count; i > 0; --i)
            popped[i - 1] = pop();
        return popped;
    }

    void mark()
    {
        check_room(marks_.size(), "marks");
        marks_.push_back(entries_.size());
    }
    /// Everything above the last mark, which goes too.
    std::vector<Id> pop_to_mark()
    {
        if (marks_.empty())
            throw CheckpointError("no mark was set");
        const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<Id> popped(begin, entries_.end());
        entries_.erase(begin, entries_.end());
        marks_.pop_back();
        return popped;
    }
    /// A mark with nothing above it, or the top.
    void discard()
    {
        if (!marks_.empty() && is_empty())
            marks_.pop_back();
        else
            pop();
    }

    static void check_room(std::size_t used, const char* what)
    {
        if (used >= most_objects)
            throw CheckpointError("more than " + std::to_string(most_objects) + " " + what);
    }

  private:
    bool is_empty() const { return entries_.size() == (marks_.empty() ? 0 : marks_.back()); }

    std::vector<Id> entries_;
    std::vector<std::size_t> marks_; ///< sizes of the stack when they were set
};

/// Objects that are met again, by number.
class Memo {
  public:
    std::size_t size() const { return by_index_.size(); }

    /// @param read  bytes read so far: writers count up from 0 (Python 2 from 1), two bytes an entry at least
    void put(std::uint64_t index, Id id, std::size_t read)
    {
        if (index > read || index >= most_objects)
            throw CheckpointError("memo index " + std::to_string(index) +
                                  " is higher than a writer can have counted");
        if (index >= by_index_.size())
            by_index_.resize(index + 1, unset);
        by_index_[index] = id;
    }
    Id get(std::uint64_t index) const
    {
        if (index >= by_index_.size() || by_index_[index] == unset)
            throw CheckpointError("memo index " + std::to_string(index) + " holds nothing");
        return by_index_[index];
    }

  private:
    static constexpr Id unset = ~Id{0};
    std::vector<Id> by_index_;
};

} // namespace fa::models::pickle
