#pragma once

namespace fa::aggregation {

/// May DIR/cache be added to? A document on stdout leaves the store as it is.
enum class CacheUse { update, read_only };

} // namespace fa::aggregation
