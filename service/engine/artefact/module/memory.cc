// Memory of the module for its caller: for questions, answers and the places where a call writes a
// handle or a length.
#include <cstdlib>

#include "engine/fingerpost.h"

extern "C" {

// `size` octets, aligned for everything; NULL where there are not as many.
FINGERPOST_API void* fingerpost_alloc(size_t size) { return std::malloc(size); }

// Frees them. NULL is allowed.
FINGERPOST_API void fingerpost_free(void* memory) { std::free(memory); }

}  // extern "C"
