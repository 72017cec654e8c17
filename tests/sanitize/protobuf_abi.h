// Included first under ThreadSanitizer.
//
// Protobuf 3.21 adds two members to every map field when it is compiled with ThreadSanitizer.
// Debian's libprotobuf is not, so the generated code would disagree with it about the layout of
// every message with a map. <memory> comes first, because libstdc++ must see that ThreadSanitizer
// is on.
#pragma once

#include <memory>

#pragma push_macro("__SANITIZE_THREAD__")
#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#pragma pop_macro("__SANITIZE_THREAD__")
