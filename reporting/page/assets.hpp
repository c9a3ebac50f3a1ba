#pragma once

namespace fa::reporting {

/// page.css and page.js, as they are (assets.cpp is made of them by CMake).
extern const char* const page_css;
extern const char* const page_script;

} // namespace fa::reporting
