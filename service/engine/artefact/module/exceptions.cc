// An exception in the module, where nothing can catch one: its words are kept for the caller, and
// the call traps. What throws are yaml-cpp, for text that is not YAML, and memory that runs out.
#include <private_typeinfo.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <typeinfo>

#include "engine/fingerpost.h"

namespace {

char fault[1024];

const char* WordsOf(void* thrown, std::type_info* type) {
  using Type = __cxxabiv1::__shim_type_info;
  // The type's object knows its bases, as a catch needs them.
  if (static_cast<const Type&>(typeid(std::exception))
          .can_catch(static_cast<Type*>(type), thrown)) {
    return static_cast<std::exception*>(thrown)->what();
  }
  return type->name();
}

}  // namespace

extern "C" {

void* __cxa_allocate_exception(size_t size) noexcept { return std::malloc(size); }

void __cxa_free_exception(void* thrown) noexcept { std::free(thrown); }

[[noreturn]] void __cxa_throw(void* thrown, std::type_info* type, void (*)(void*)) {
  std::strncpy(fault, WordsOf(thrown, type), sizeof fault - 1);
  __builtin_trap();
}

// Why the module trapped; "" where nobody knows. The one function that may be called after a trap.
FINGERPOST_API const char* fingerpost_fault() { return fault; }

}  // extern "C"
