#include "harness/comm/agreement.hpp"

#include <algorithm>

namespace fa::harness::comm {

std::string reason(const std::exception& error)
{
    const std::string text = error.what();
    return text.substr(0, std::min(text.find("\nException raised from"), text.find("\nframe #")));
}

void agree(const Communicator& group, bool failed, const std::string& message)
{
    const auto lowest = group.lowest(failed ? 0 : 1);
    if (lowest.value != 0)
        return;
    throw GroupError(group.shared(message, lowest.rank));
}

} // namespace fa::harness::comm
