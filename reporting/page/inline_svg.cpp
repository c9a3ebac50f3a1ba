#include "reporting/page/inline_svg.hpp"

#include "reporting/page/html.hpp"

namespace fa::reporting {
namespace {

void remove_elements(std::string& text, const std::string& name)
{
    const std::string open = "<" + name + ">", close = "</" + name + ">";
    for (auto begin = text.find(open); begin != std::string::npos; begin = text.find(open, begin)) {
        const auto end = text.find(close, begin);
        text.erase(begin, end == std::string::npos ? end : end + close.size() - begin);
    }
}

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (auto place = text.find(from); place != std::string::npos;
         place = text.find(from, place + to.size())) {
        text.replace(place, from.size(), to);
    }
}

} // namespace

std::string inline_svg(std::string_view svg, std::string_view prefix, std::string_view label)
{
    const auto begin = svg.find("<svg");
    std::string text(begin == std::string_view::npos ? svg : svg.substr(begin));
    remove_elements(text, "title");
    remove_elements(text, "desc");
    const std::string name(prefix);
    for (const char quote : {'\'', '"'}) {
        replace_all(text, std::string(" id=") + quote, std::string(" id=") + quote + name);
        replace_all(text, std::string("href=") + quote + "#", std::string("href=") + quote + "#" + name);
    }
    replace_all(text, "url(#", "url(#" + name);
    replace_all(text, " font-family=\"Helvetica\" ", " ");
    replace_all(text, "xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "");
    replace_all(text, "xmlns=\"http://www.w3.org/2000/svg\"", "");
    replace_all(text, "xlink:href=", "href=");
    for (const char* superfluous : {" stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "\t"}) {
        replace_all(text, superfluous, ""); // the former are SVG's defaults
    }
    replace_all(text, "\n\n", "\n");
    text.insert(4, " role=\"img\" aria-label=\"" + escaped(label) + "\"");
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

} // namespace fa::reporting
