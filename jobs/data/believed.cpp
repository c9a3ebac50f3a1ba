#include "jobs/data/believed.hpp"

#include <algorithm>
#include <limits>

#include <unistd.h>

namespace fa::jobs::data {

std::string shape_text(const std::vector<std::uint64_t>& sizes)
{
    std::string text = "[";
    for (const std::uint64_t size : sizes) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return text + "]";
}

namespace {

[[noreturn]] void refuse_shape(const ArrayHeader& array, const std::string& reason)
{
    throw DataError(array.where + " of shape " + shape_text(array.sizes) + reason);
}

/// The machine's memory in bytes.
std::uint64_t physical_memory()
{
    return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

std::uint64_t believed_count(const ArrayHeader& array, std::uint64_t memory_bytes)
{
    std::uint64_t count = 1;
    for (const std::uint64_t size : array.sizes) {
        if (size != 0 && count > std::numeric_limits<std::int64_t>::max() / size) {
            refuse_shape(array, " is too large for any memory");
        }
        count *= size;
    }
    if (count > physical_memory() / std::max(memory_bytes, array.element_bytes)) {
        refuse_shape(array, " doesn't fit the memory");
    }
    // What is packed, or in chunks that were never written, can claim any size without holding anything.
    constexpr std::uint64_t most_packing = 100;
    constexpr std::uint64_t always_believed = std::uint64_t{16} << 20;
    if (count * array.element_bytes > always_believed &&
        (count * array.element_bytes - always_believed) / most_packing > array.stored_bytes) {
        refuse_shape(array, " would unpack to more than " + std::to_string(most_packing) + " times the " +
                                std::to_string(array.stored_bytes) +
                                " bytes that the file has for it; such numbers are to be saved unpacked");
    }
    return count;
}

} // namespace fa::jobs::data
