#pragma once
/// RunAttributes as attributes of the file's root: one list for writing and reading.

#include "store/attributes.hpp"
#include "store/run_file.hpp"

namespace fa::store {

void write_attributes(const AttributeWriter& root, const RunAttributes& run);
/// Everything but `train_reason`, which lies on the group `gamma`.
RunAttributes read_attributes(const AttributeReader& root);

} // namespace fa::store
