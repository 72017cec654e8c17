#include "policy/load/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "policy/document/file_descriptor.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Editors and the kubelet make a change in several steps. A change is over when nothing has
// happened for this long.
constexpr milliseconds kSettled{20};
// Even if the writer never rests, a change ends after this time.
constexpr milliseconds kLongest{500};
// How often a file system that reports nothing (network, some overlays) is checked.
constexpr milliseconds kIdle{10'000};
// How often an old snapshot that a request still used is checked.
constexpr milliseconds kInUse{50};
// Answers come first: reading a million rows would keep them waiting for a CPU. This is a tenth of
// their share where all CPUs are busy, and a whole CPU where one is idle.
constexpr int kNice = 10;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                             IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

int Checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

// Every directory in which a change can affect the meaning of `path`: its own, and those of the
// links on the way to the file.
absl::btree_set<fs::path> DirectoriesOf(const fs::path& path) {
  constexpr int kMaxLinks = 40;  // The kernel's own limit.
  absl::btree_set<fs::path> directories;
  std::error_code error;
  fs::path at = fs::absolute(path, error);
  for (int i = 0; i < kMaxLinks && !error; ++i) {
    directories.insert(at.parent_path());
    // The directory may be behind a link, as with "..data".
    const fs::path real = fs::canonical(at.parent_path(), error);
    if (error) break;
    directories.insert(real);
    const fs::path parent_link = at.parent_path();
    if (fs::is_symlink(parent_link, error)) directories.insert(parent_link.parent_path());
    if (!fs::is_symlink(at, error)) break;
    const fs::path target = fs::read_symlink(at, error);
    at = target.is_absolute() ? target : at.parent_path() / target;
  }
  return directories;
}

// What a read found: reads that found the same are not reported again.
std::string Seen(const Loaded& loaded) {
  std::string seen = loaded.snapshot == nullptr ? "" : loaded.snapshot->version + '\n';
  for (const message::Fault& problem : loaded.problems) {
    if (problem.severity == message::Severity::kError) seen += message::ToString(problem) + '\n';
  }
  return seen;
}

}  // namespace

class Watcher::Impl {
 public:
  Impl(std::string path, const Loaded& first, Store& store, OnReload on_reload)
      : path_(std::move(path)),
        store_(store),
        on_reload_(std::move(on_reload)),
        inotify_(Checked(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify")),
        wake_(Checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
        files_(first.files),
        kept_(first.kept),
        last_seen_(Seen(first)) {
    Watch();
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    stop_ = true;
    Wake();
    thread_.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Reload() {
    asked_ = true;
    Wake();
  }

 private:
  void Wake() const {
    const uint64_t one = 1;
    // A full counter also wakes it.
    [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
  }

  // Adding a watch again changes nothing; new directories are added.
  void Watch() {
    for (const FileStamp& file : files_) {
      if (file.pattern.empty()) {
        WatchAround(file.path);
      } else {
        for (const std::string& directory : Find(file.path, file.pattern).directories) {
          WatchAround(directory);  // It may be replaced, or not be there yet.
          WatchAround(fs::path(directory) / "any");
        }
      }
    }
  }

  void WatchAround(const fs::path& path) {
    for (const fs::path& directory : DirectoriesOf(path)) {
      inotify_add_watch(inotify_.get(), directory.c_str(), kEvents | IN_ONLYDIR);
    }
  }

  // Waits for any event. False: none came within `timeout`.
  [[nodiscard]] bool Wait(milliseconds timeout) const {
    std::array<pollfd, 2> fds = {{{.fd = inotify_.get(), .events = POLLIN, .revents = 0},
                                  {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    const int ready = poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
    // The events themselves do not matter.
    std::array<char, 4096> events;
    for (const pollfd& fd : fds) {
      while ((fd.revents & POLLIN) != 0 && read(fd.fd, events.data(), events.size()) > 0) {
      }
    }
    return ready > 0;
  }

  void Run() {
    setpriority(PRIO_PROCESS, 0, kNice);  // 0: of this thread alone, on Linux.
    while (!stop_) {
      // This also catches changes between the first read and the first watch.
      if (asked_ || HasChanged()) Read(asked_.exchange(false));
      const bool event = Wait(store_.Reap() > 0 ? kInUse : kIdle);
      const auto begin = Clock::now();
      while (event && !stop_ && !asked_ && Clock::now() - begin < kLongest && Wait(kSettled)) {
      }
    }
  }

  [[nodiscard]] bool HasChanged() const {
    return std::any_of(files_.begin(), files_.end(), load::HasChanged);
  }

  [[nodiscard]] Loaded Load(bool asked) const {
    google::protobuf::Timestamp now;
    now.set_seconds(std::time(nullptr));
    try {
      return FromFile(path_, now, asked && kept_ != nullptr ? WithoutStamps(*kept_) : kept_);
    } catch (const std::bad_alloc&) {
      Loaded failed;
      failed.problems.push_back(
          {.path = {}, .what = "needs more memory than there is", .file = path_});
      failed.files = files_;
      failed.files.front().state.clear();  // As if it had changed: retried after kIdle.
      return failed;
    }
  }

  void Read(bool asked) {
    const auto begin = Clock::now();
    Loaded loaded = Load(asked);
    files_ = std::move(loaded.files);
    Watch();
    std::string seen = Seen(loaded);
    Reloaded result = {.replaced = false,
                       .failed = loaded.snapshot == nullptr,
                       .version = {},
                       .problems = std::move(loaded.problems),
                       .included = std::move(loaded.included),
                       .duration = {}};
    if (!result.failed) {
      result.replaced = loaded.snapshot->version != store_.Get()->version;
      // What is kept refers to its own snapshot.
      kept_ = std::move(loaded.kept);
      if (result.replaced || kept_ != nullptr) store_.Set(std::move(loaded.snapshot));
    }
    const bool is_news = std::exchange(last_seen_, seen) != seen;
    result.version = store_.Get()->version;
    result.duration = Clock::now() - begin;
    if (is_news || asked) on_reload_(result);
  }

  const std::string path_;
  Store& store_;
  const OnReload on_reload_;
  const document::FileDescriptor inotify_;
  const document::FileDescriptor wake_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> asked_ = false;
  std::vector<FileStamp> files_;      // Their state at the last read.
  std::shared_ptr<const Kept> kept_;  // Of the last good read.
  std::string last_seen_;             // Version of the last good read, and errors.
  std::thread thread_;
};

Watcher::Watcher(std::string path, const Loaded& first, Store& store, OnReload on_reload)
    : impl_(std::make_unique<Impl>(std::move(path), first, store, std::move(on_reload))) {}
Watcher::~Watcher() = default;
void Watcher::Reload() { impl_->Reload(); }

}  // namespace fingerpost::policy::load
