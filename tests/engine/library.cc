#include "engine/library.h"

#include <dlfcn.h>

#include <stdexcept>

#include "directories.h"

namespace fingerpost::engine::testing {
namespace {

template <typename Function>
void Find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  if (function == nullptr) throw std::runtime_error(std::string("there is no ") + name);
}

}  // namespace

Library Load(const char* path) {
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  Library library{};
  Find(handle, "fingerpost_abi", library.abi);
  Find(handle, "fingerpost_open", library.open);
  Find(handle, "fingerpost_open_text", library.open_text);
  Find(handle, "fingerpost_open_file", library.open_file);
  Find(handle, "fingerpost_close", library.close);
  Find(handle, "fingerpost_decide", library.decide);
  Find(handle, "fingerpost_follow", library.follow);
  Find(handle, "fingerpost_batch_decide", library.batch_decide);
  Find(handle, "fingerpost_batch_follow", library.batch_follow);
  Find(handle, "fingerpost_take_usage", library.take_usage);
  return library;
}

const Library& Linked() {
  static constexpr Library kLibrary = {
      fingerpost_abi,          fingerpost_open,      fingerpost_open_text, fingerpost_open_file,
      fingerpost_close,        fingerpost_decide,    fingerpost_follow,    fingerpost_batch_decide,
      fingerpost_batch_follow, fingerpost_take_usage};
  return kLibrary;
}

const Library& Loaded() {
  static const Library library = Load(FINGERPOST_BIN_DIR "/../lib/libfingerpost.so");
  return library;
}

}  // namespace fingerpost::engine::testing
