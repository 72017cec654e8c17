#include "policy/load/watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

// A temporary directory.
class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

void Write(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::trunc);
  out << text;
}

// Like editors.
void Replace(const fs::path& file, const std::string& text) {
  const fs::path other = file.string() + "~";
  Write(other, text);
  fs::rename(other, file);
}

std::string Policy(const std::string& id) {
  return "rules:\n  - {id: " + id + ", match: {path: /a}, intent: {purpose: gone}}\n";
}

class WatcherTest : public ::testing::Test {
 protected:
  void Start(const fs::path& path) {
    first_ = FromFile(path.string());
    ASSERT_NE(first_.snapshot, nullptr);
    store_ = std::make_unique<Store>(first_.snapshot);
    watcher_ =
        std::make_unique<Watcher>(path.string(), first_, *store_, [this](const Reloaded& reloaded) {
          const std::lock_guard lock(mutex_);
          seen_.push_back(reloaded);
          changed_.notify_all();
        });
  }

  // The next reload; the test fails if none comes.
  Reloaded Next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(30), [this] { return !seen_.empty(); })) {
      ADD_FAILURE() << "no reload";
      return {};
    }
    Reloaded next = std::move(seen_.front());
    seen_.pop_front();
    return next;
  }

  [[nodiscard]] std::string Rule() const { return store_->Get()->rules.rules().front().id; }

  Directory directory_;
  Loaded first_;
  std::unique_ptr<Store> store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Reloaded> seen_;
  std::unique_ptr<Watcher> watcher_;
};

TEST_F(WatcherTest, SeesAFileThatIsWrittenInPlace) {
  Write(directory_ / "p.yaml", Policy("one"));
  Start(directory_ / "p.yaml");
  Write(directory_ / "p.yaml", Policy("three"));
  Reloaded next = Next();
  // On a busy machine the file may be seen between the two steps of writing, without its content.
  const std::string written = FromFile((directory_ / "p.yaml").string()).snapshot->version;
  if (next.version != written) next = Next();
  EXPECT_TRUE(next.replaced);
  EXPECT_EQ(next.version, store_->Get()->version);
  EXPECT_EQ(Rule(), "three");
}

TEST_F(WatcherTest, SeesARename) {
  Write(directory_ / "p.yaml", Policy("one"));
  Start(directory_ / "p.yaml");
  for (const char* id : {"two", "three", "four"}) {
    Replace(directory_ / "p.yaml", Policy(id));
    EXPECT_TRUE(Next().replaced);
    EXPECT_EQ(Rule(), id);
  }
}

TEST_F(WatcherTest, SeesKubernetesSwapTheDataLink) {
  // kubelet: a directory for each version, "..data" a link to it, the files links through "..data".
  fs::create_directory(directory_ / "..v1");
  Write(directory_ / "..v1/p.yaml", Policy("one"));
  fs::create_symlink("..v1", directory_ / "..data");
  fs::create_symlink("..data/p.yaml", directory_ / "p.yaml");
  Start(directory_ / "p.yaml");
  for (const char* version : {"v2", "v3"}) {
    const std::string name = std::string("..") + version;
    fs::create_directory(directory_ / name);
    Write(directory_ / (name + "/p.yaml"), Policy(version));
    fs::create_symlink(name, directory_ / "..data_tmp");
    fs::rename(directory_ / "..data_tmp", directory_ / "..data");
    EXPECT_TRUE(Next().replaced);
    EXPECT_EQ(Rule(), version);
  }
}

TEST_F(WatcherTest, SeesAMapBesideIt) {
  fs::create_directory(directory_ / "maps");
  Write(directory_ / "maps/m.csv", "/a,/b\n");
  Write(directory_ / "p.yaml", "maps: [{name: m, file: maps/m.csv}]\n");
  Start(directory_ / "p.yaml");
  Replace(directory_ / "maps/m.csv", "/a,/b\n/c,/d\n");
  EXPECT_TRUE(Next().replaced);
  EXPECT_EQ(store_->Get()->rules.maps().size(), 2U);
}

TEST_F(WatcherTest, ABadOneNeverReplacesAGoodOne) {
  Write(directory_ / "p.yaml", Policy("one"));
  Start(directory_ / "p.yaml");
  const std::string version = store_->Get()->version;
  Replace(directory_ / "p.yaml", "rules:\n  - {id: a}\n  - {id: b}\n");
  Reloaded next = Next();
  EXPECT_TRUE(next.failed);
  EXPECT_FALSE(next.replaced);
  EXPECT_EQ(next.problems.size(), 2U) << "all of them";
  EXPECT_EQ(next.version, version);
  EXPECT_EQ(Rule(), "one");
  fs::remove(directory_ / "p.yaml");
  next = Next();
  EXPECT_TRUE(next.failed);
  EXPECT_EQ(Rule(), "one");
  fs::create_directory(directory_ / "p.yaml");
  EXPECT_TRUE(Next().failed);
  fs::remove(directory_ / "p.yaml");
  fs::create_symlink("nowhere", directory_ / "p.yaml");
  EXPECT_TRUE(Next().failed);
  EXPECT_EQ(Rule(), "one");
  Replace(directory_ / "p.yaml", Policy("two"));
  EXPECT_TRUE(Next().replaced);
  EXPECT_EQ(Rule(), "two");
}

TEST_F(WatcherTest, ReportsWhenItIsAsked) {
  Write(directory_ / "p.yaml", Policy("one"));
  Start(directory_ / "p.yaml");
  watcher_->Reload();
  const Reloaded next = Next();
  EXPECT_FALSE(next.replaced);
  EXPECT_FALSE(next.failed);
  EXPECT_EQ(next.version, store_->Get()->version);
}

TEST_F(WatcherTest, AChangeBeforeTheFirstWatchIsSeen) {
  Write(directory_ / "p.yaml", Policy("one"));
  first_ = FromFile((directory_ / "p.yaml").string());
  Replace(directory_ / "p.yaml", Policy("two"));
  store_ = std::make_unique<Store>(first_.snapshot);
  watcher_ = std::make_unique<Watcher>((directory_ / "p.yaml").string(), first_, *store_,
                                       [this](const Reloaded& reloaded) {
                                         const std::lock_guard lock(mutex_);
                                         seen_.push_back(reloaded);
                                         changed_.notify_all();
                                       });
  EXPECT_TRUE(Next().replaced);
  EXPECT_EQ(Rule(), "two");
}

// An included file for a host of its own.
std::string Part(const std::string& id) {
  return "rules:\n  - {id: " + id + ", match: {hosts: [" + id +
         ".example], path: /a}, intent: {purpose: gone}}\n";
}

TEST_F(WatcherTest, SeesFilesComeAndGoWhereAPatternLooks) {
  Write(directory_ / "p.yaml", "include: [{files: \"teams/*/*.yaml\"}]\n");
  Start(directory_ / "p.yaml");
  EXPECT_TRUE(store_->Get()->rules.rules().empty());
  // Each in one step: between two a busy machine would see one more state.
  fs::create_directories(directory_ / "new/one");
  Write(directory_ / "new/one/r.yaml", Part("one"));
  fs::rename(directory_ / "new", directory_ / "teams");
  EXPECT_TRUE(Next().replaced);
  EXPECT_EQ(Rule(), "one");
  fs::create_directory(directory_ / "two");
  Write(directory_ / "two/r.yaml", Part("two"));
  fs::rename(directory_ / "two", directory_ / "teams/two");
  EXPECT_EQ(Next().included.size(), 2U);
  Replace(directory_ / "teams/two/s.yaml", Part("more"));
  EXPECT_EQ(Next().included.size(), 3U);
  fs::remove(directory_ / "teams/one/r.yaml");
  EXPECT_EQ(Next().included.size(), 2U);
  EXPECT_EQ(Rule(), "two");
}

TEST_F(WatcherTest, AFaultyIncludedFileIsToldOnce) {
  Write(directory_ / "p.yaml",
        "include: [{files: a.yaml, hosts: [.a.example]}, {files: b.yaml, "
        "hosts: [.b.example]}]\n");
  const std::string good = "rules:\n  - {id: a, match: {hosts: [a.example]}, pass: true}\n";
  Write(directory_ / "a.yaml", good);
  Write(directory_ / "b.yaml", "{}\n");
  Start(directory_ / "p.yaml");
  Replace(directory_ / "a.yaml", "rules: [\n");
  Reloaded next = Next();
  EXPECT_FALSE(next.failed);
  EXPECT_FALSE(next.replaced) << "its last good version answers";
  EXPECT_EQ(next.problems.size(), 1U);
  EXPECT_EQ(next.included.front().state, Included::State::kLastGood);
  EXPECT_EQ(Rule(), "a");
  // Again the same fault: nobody is told, but of the other file.
  Replace(directory_ / "a.yaml", "rules: [\n");
  Replace(directory_ / "b.yaml", "{} # changed\n");
  next = Next();
  EXPECT_TRUE(next.replaced);
  EXPECT_EQ(next.included.front().state, Included::State::kLastGood);
  EXPECT_EQ(Rule(), "a");
  Replace(directory_ / "a.yaml", good + "# mended\n");
  next = Next();
  EXPECT_TRUE(next.problems.empty());
  EXPECT_EQ(next.included.front().state, Included::State::kCurrent);
}

TEST_F(WatcherTest, SeesKubernetesSwapIncludedFiles) {
  // A projected volume: "teams/a.yaml" of an item's path.
  const auto write = [&](const std::string& version) {
    fs::create_directories(directory_ / (".." + version + "/teams"));
    Write(directory_ / (".." + version + "/p.yaml"), "include: [{files: \"teams/*.yaml\"}]\n");
    Write(directory_ / (".." + version + "/teams/a.yaml"), Part(version));
    fs::create_symlink(".." + version, directory_ / "..data_tmp");
    fs::rename(directory_ / "..data_tmp", directory_ / "..data");
  };
  write("v1");
  fs::create_symlink("..data/p.yaml", directory_ / "p.yaml");
  fs::create_symlink("..data/teams", directory_ / "teams");
  Start(directory_ / "p.yaml");
  for (const char* version : {"v2", "v3"}) {
    write(version);
    EXPECT_TRUE(Next().replaced);
    EXPECT_EQ(Rule(), version);
  }
}

}  // namespace
}  // namespace fingerpost::policy::load
