// A load after another reads only what has changed, and finds the same.
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <set>

#include "policy/document/file_descriptor.h"
#include "policy/load/including.h"

namespace fingerpost::policy::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The names of the files of a directory that are opened in its lifetime.
class Opened {
 public:
  explicit Opened(const fs::path& directory) : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    EXPECT_GE(inotify_add_watch(inotify_.get(), directory.c_str(), IN_OPEN), 0);
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    alignas(inotify_event) char events[4096];
    for (ssize_t size; (size = read(inotify_.get(), events, sizeof events)) > 0;) {
      for (const char* at = events; at < events + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if ((event->mask & IN_ISDIR) == 0) names.insert(event->name);
        at += sizeof *event + event->len;
      }
    }
    return names;
  }

 private:
  const document::FileDescriptor inotify_;
};

class Unchanged : public Include {
 protected:
  // As if it had been written a while ago: what was just written is read again.
  void WriteOld(const std::string& name, std::string_view text) const {
    Write(name, text);
    const timespec long_ago[] = {{.tv_sec = 1000 + ++written_, .tv_nsec = 0},
                                 {.tv_sec = 1000 + written_, .tv_nsec = 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, (directory_ / name).c_str(), long_ago, 0), 0);
  }
  void WriteAll() const {
    WriteOld("p.yaml",
             "include: [{files: \"*.part\", hosts: [a.example]}]\n"
             "maps: [{name: own, file: own.csv}]\n");
    WriteOld("own.csv", "/a,/b\n/q?x=1,/c\n/a,/b\n");
    WriteOld("a.part", kA);
    WriteOld("b.part", "maps: [{name: b, file: b.csv, host: a.example, case: insensitive}]\n");
    WriteOld("b.csv", "/A,/c\nhttps://a.example/d,/e\n");
  }
  std::set<std::string> OpenedByLoad() {
    const Opened opened(directory_);
    told_ = Told();
    return opened.Names();
  }
  // The rows of all maps, as "map:line path?query target".
  std::multiset<std::string> Rows() const {
    std::multiset<std::string> rows;
    const compiled::Snapshot& snapshot = *loaded_.snapshot;
    const std::vector<std::string_view> hosts = snapshot.hosts.Patterns();
    snapshot.rules.maps().ForEach([&](const compiled::MapEntry& row) {
      rows.insert(snapshot.maps[row.map].name + ':' + std::to_string(row.line) + ' ' +
                  std::string(hosts[row.host]) + std::string(row.path) + '?' +
                  std::string(row.query) + ' ' + std::string(row.target));
    });
    return rows;
  }

  mutable int written_ = 0;
  std::vector<std::string> told_;
};

TEST_F(Unchanged, OnlyTheFileThatChangedIsRead) {
  WriteAll();
  EXPECT_THAT(OpenedByLoad(),
              UnorderedElementsAre("p.yaml", "own.csv", "a.part", "b.part", "b.csv"));
  const std::vector<std::string> told = told_;
  EXPECT_THAT(told, ElementsAre("own.csv:3:1: warning: repeats line 1; remove one"));
  const auto rows = Rows();
  EXPECT_EQ(rows.size(), 4U);
  const std::string version = loaded_.snapshot->version;
  EXPECT_THAT(OpenedByLoad(), IsEmpty());
  EXPECT_EQ(told_, told);
  EXPECT_EQ(Rows(), rows);
  EXPECT_EQ(loaded_.snapshot->version, version);
  WriteOld("a.part", "rules:\n" + Rule("a2", "hosts: [a.example], path: /y"));
  EXPECT_THAT(OpenedByLoad(), ElementsAre("a.part"));
  EXPECT_EQ(told_, told);
  EXPECT_EQ(Rows(), rows);
  WriteOld("b.csv", "/A,/c2\n");
  EXPECT_THAT(OpenedByLoad(), ElementsAre("b.csv"));
  EXPECT_EQ(Rows().size(), 3U);
  WriteOld("own.csv", "/a,/b2\n");
  EXPECT_THAT(OpenedByLoad(), ElementsAre("own.csv"));
  EXPECT_THAT(Rows(), ElementsAre("b:1 a.example/A? /c2", "own:1 /a? /b2"));
  // The rows of a map depend on the document's hosts.
  WriteOld("p.yaml",
           "defaults: {allowed_hosts: [new.example]}\n"
           "include: [{files: \"*.part\", hosts: [a.example]}]\n");
  EXPECT_THAT(OpenedByLoad(), UnorderedElementsAre("p.yaml", "b.csv"));
  EXPECT_THAT(Rows(), ElementsAre("b:1 a.example/A? /c2"));
}

TEST_F(Unchanged, ADocumentWithMapsReadsOnlyTheMapThatChanged) {
  WriteOld("p.yaml", "maps: [{name: a, file: a.csv}, {name: b, file: b.csv}]\n");
  WriteOld("a.csv", "/a,/x\n");
  WriteOld("b.csv", "/b,/x\n");
  OpenedByLoad();
  WriteOld("b.csv", "/b,/y\n");
  EXPECT_THAT(OpenedByLoad(), ElementsAre("b.csv"));
  EXPECT_THAT(Rows(), ElementsAre("a:1 /a? /x", "b:1 /b? /y"));
  // A conflict with a map that was not read is told in the later of both.
  WriteOld("a.csv", "/b,/x\n");
  EXPECT_THAT(OpenedByLoad(), ElementsAre("a.csv"));
  EXPECT_THAT(told_, ElementsAre("b.csv:1:1: has the source of another map's line 1 and another "
                                 "answer; keep one"));
  // A row that a load left out because another map had it is there when that map goes.
  WriteOld("a.csv", "/b,/y\n");
  EXPECT_THAT(Told(), ElementsAre(HasSubstr("b.csv:1:1: warning: repeats another map's line 1")));
  WriteOld("a.csv", "/a,/x\n");
  EXPECT_THAT(Told(), IsEmpty());
  EXPECT_THAT(Rows(), ElementsAre("a:1 /a? /x", "b:1 /b? /y"));
}

TEST_F(Unchanged, TheRowsOfALastGoodVersionAreThoseThatAnswered) {
  WriteAll();
  Told();
  const auto rows = Rows();
  WriteOld("b.csv", "/A,/c\nbroken\n");
  WriteOld("a.part", "rules:\n" + Rule("a2", "hosts: [a.example], path: /y"));
  EXPECT_THAT(OpenedByLoad(), UnorderedElementsAre("a.part", "b.csv"));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("own.csv:3:1: warning: "),
                                 HasSubstr("b.csv:2:1: is not a source")));
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kLastGood));
  EXPECT_THAT(Rules(), ElementsAre("a2"));
  EXPECT_EQ(Rows(), rows);
  // And as often as it takes.
  Told();
  EXPECT_EQ(Rows(), rows);
  fs::remove(directory_ / "b.csv");
  EXPECT_THAT(Told().back(), HasSubstr("b.part:1:24: maps[0].file: is not there"));
  EXPECT_EQ(Rows(), rows);
  WriteOld("b.csv", "/A,/c3\n");
  EXPECT_EQ(Told().size(), 1U);
  EXPECT_EQ(Rows().count("b:1 a.example/A? /c3"), 1U);
}

TEST_F(Unchanged, ALoadThatIsAskedForReadsAll) {
  WriteAll();
  Told();
  kept_ = WithoutStamps(*kept_);
  EXPECT_THAT(OpenedByLoad(),
              UnorderedElementsAre("p.yaml", "own.csv", "a.part", "b.part", "b.csv"));
  EXPECT_THAT(States(), ElementsAre(State::kCurrent, State::kCurrent));
}

}  // namespace
}  // namespace fingerpost::policy::load
