#include "aggregation/robustness.hpp"
#include "reporting/page/html.hpp"
#include "reporting/page/parts.hpp"

namespace fa::reporting {

std::string definitions_part(PageContext& page)
{
    return "<section id=\"definitions\"><h2>Definitions</h2>\n" + bullets(aggregation::reading_notes()) +
           page.glossary().html() + "</section>\n";
}

} // namespace fa::reporting
