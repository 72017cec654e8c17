// Keeps a store's snapshot in step with the files.
//
// One thread watches the directories of the document with inotify, and so also sees a rename over a
// file and Kubernetes' swap of the "..data" link. A faulty document never replaces a good one, and
// a faulty included file never its last good version.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "policy/load/loader.h"
#include "policy/load/store.h"

namespace fingerpost::policy::load {

// The result of a reload. Called on the watcher's thread, or in Reload's caller.
struct Reloaded {
  bool replaced = false;           // A new version answers now.
  bool failed = false;             // The files are wrong; the old version still answers.
  std::string version;             // Of what answers now.
  message::FaultList problems;     // Of what was read, warnings too.
  std::vector<Included> included;  // If it has not failed.
  std::chrono::nanoseconds duration{};
};
using OnReload = std::function<void(const Reloaded&)>;

class Watcher {
 public:
  // Watches `path`, from which `first` was loaded into `store`. Calls `on_reload` for every read
  // with different content, good or bad; it must not call the watcher. Throws std::system_error if
  // the system refuses a watch.
  Watcher(std::string path, const Loaded& first, Store& store, OnReload on_reload);
  // Waits for a reload in progress.
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  // Reads again soon, even without a change, and always reports; for SIGHUP. Async-signal-safe.
  void Reload();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fingerpost::policy::load
