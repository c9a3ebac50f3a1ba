#pragma once
/// Pickles as data: what Python's pickle module writes (protocols 1 to 5), read without executing any of it.
///
/// A pickle is a program for a machine with a stack and a memo (Python's Lib/pickletools.py describes every
/// opcode). Here its constants become values and its calls (REDUCE, NEWOBJ, BUILD …) objects that say what
/// would be called with what. Which names mean something is decided by whoever looks at the result.

#include "models/pickle/objects.hpp"

#include <cstddef>
#include <span>

namespace fa::models::pickle {

struct Pickle {
    Objects objects;
    Id root = Objects::none();
    std::size_t length = 0; ///< bytes up to and with STOP; others may follow
};

/// Reads the pickle at the front of `bytes`, which must outlive the result. Every length is checked against
/// the bytes before it is believed; memory stays below some hundred bytes for each opcode.
/// @throws CheckpointError with the byte, the opcode and what is wrong
Pickle read(std::span<const std::byte> bytes);

} // namespace fa::models::pickle
