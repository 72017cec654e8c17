// Chains made one hop: whatever a policy says and however it is written, each request ends where it
// did, by the same method and with the same query, after fewer hops.
#include "policy/mend/flatten.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/http/url.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::policy::mend {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

constexpr int kPolicies = 1200;
constexpr int kRequests = 250;  // Of each.
constexpr size_t kMostHops = 30;

google::protobuf::Timestamp Now() {
  return google::protobuf::util::TimeUtil::SecondsToTimestamp(1'800'000'000);
}

// A small policy of several files, often with chains.
class RandomPolicy {
 public:
  RandomPolicy(unsigned seed, fs::path directory)
      : random_(seed), directory_(std::move(directory)) {}

  void Write() {
    const std::string end = Chance(4) ? "\r\n" : "\n";
    const std::string mark = Chance(4) ? "\xEF\xBB\xBF" : "";
    std::string text = "defaults: {allowed_hosts: [.b.example, a.example";
    text += Chance(2) ? ", c.example]" : "]";
    text += Maybe(4, ", query: {mode: keep}") + Maybe(6, ", case: insensitive") +
            Maybe(6, ", trailing_slash: either") + Maybe(8, ", canonical: {slash: remove}");
    if (Chance(6)) text += ", require_https: true" + Maybe(2, ", https_exempt: [/p1, /p3/*]");
    text += "}\n";
    if (Chance(6)) text += "hosts: [{hosts: [a.example], defaults: {query: {mode: keep}}}]\n";
    const bool includes = Chance(3);
    if (includes) text += "include: [{files: part.yaml}]\n";
    text += "rules:\n";
    const int rules = 1 + Any(4);
    for (int i = 0; i < rules; ++i) text += Rule("r" + std::to_string(i));
    text += Maps("m", "rows.csv");
    Put("p.yaml", mark, text, end);
    std::string part = "rules:\n";
    for (int i = 0; i < 2; ++i) part += Rule("s" + std::to_string(i));
    part += Maps("n", Chance(2) ? "rows.csv" : "more.csv");
    if (includes) Put("part.yaml", mark, part, end);
    Put("rows.csv", mark, Rows(), end);
    Put("more.csv", mark, Rows(), end);
  }

  v1::DecideRequest Request() {
    v1::DecideRequest asked;
    v1::HttpRequest& request = *asked.mutable_request();
    request.set_method(Of({"GET", "GET", "POST", "PUT", "HEAD"}));
    std::string path = Path();
    if (Chance(6)) path[1] = 'P';
    request.set_url(Of({"https", "https", "http"}) + "://" +
                    Of({"a.example", "x.b.example", "b.example", "y.c.example", "z.example"}) +
                    Of({"", "", "", ":8443"}) + path + Of({"", "", "/", "/x"}) +
                    Of({"", "", "?q=1", "?q=2&r=3", "?r=1&q=1"}));
    if (Chance(4)) Field(request, "X-Beta", "1");
    if (Chance(6)) Field(request, "Accept", "application/json");
    *asked.mutable_now() = Now();
    asked.set_draw(0);
    return asked;
  }

 private:
  int Any(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool Chance(int of) { return Any(of) == 0; }
  std::string Of(const Texts& texts) {
    return texts[static_cast<size_t>(Any(static_cast<int>(texts.size())))];
  }
  std::string Maybe(int of, const std::string& text) { return Chance(of) ? text : ""; }
  std::string Path() {
    last_ = Any(6);
    return "/p" + std::to_string(last_);
  }
  // Mostly after the last one, so that there are few circles.
  std::string Next() { return Chance(8) ? Path() : "/p" + std::to_string(last_ + 1 + Any(2)); }

  static void Field(v1::HttpRequest& request, const std::string& name, const std::string& value) {
    v1::Header& field = *request.add_headers();
    field.set_name(name);
    field.set_value(value);
  }

  std::string Target() {
    return Of({"", "", "", "", "", "https://a.example", "https://x.b.example", "http://a.example",
               "//b.example", "https://c.example"}) +
           Next() + Of({"", "", "", "", "", "/", "?q=1", "?é=ü", "#f"});
  }
  // As YAML.
  std::string Text(const std::string& text) {
    return Chance(3) ? '"' + text + '"' : Chance(2) ? "'" + text + "'" : '"' + text + '"';
  }

  std::string Rule(const std::string& id) {
    std::string match = Of({"path: ", "path: ", "path: ", "path_prefix: "}) + Path();
    match += Maybe(4, ", hosts: [a.example]") + Maybe(6, ", hosts: [.b.example, a.example]");
    if (match.find("hosts") != match.rfind("hosts")) match.resize(match.rfind(", hosts"));
    match += Maybe(8, ", methods: [GET]") + Maybe(8, ", methods: [POST, PUT]");
    if (match.find("methods") != match.rfind("methods")) match.resize(match.rfind(", methods"));
    match += Maybe(8, ", fields: [{name: X-Beta, present: true}]") +
             Maybe(8, ", query: [{name: q, equals: \"1\"}]") + Maybe(6, ", case: insensitive") +
             Maybe(6, ", trailing_slash: either") + Maybe(10, ", not: [{path: /p2}]");
    std::string intent = "purpose: " + Of({"permanent_move", "permanent_move", "permanent_move",
                                           "temporary_move", "campaign", "canonical_url"});
    const std::string more =
        Maybe(6, "compatibility: legacy") + "|" + Maybe(5, "query: {mode: keep}") + "|" +
        Maybe(8, "query: {mode: drop}") + "|" + Maybe(10, "cookies: [{name: seen, value: \"1\"}]") +
        "|" + Maybe(8, "allowed_hosts: [c.example]");
    std::string wishes;
    bool has_query = false;
    for (size_t at = 0; at != more.npos;) {
      const size_t next = more.find('|', at);
      const std::string wish = more.substr(at, next == more.npos ? next : next - at);
      at = next == more.npos ? next : next + 1;
      if (wish.empty() || (wish.starts_with("query") && std::exchange(has_query, true))) continue;
      wishes += ", " + wish;
    }
    const std::string target = "target: " + Text(Target());
    if (Chance(2)) {
      return "  - {id: " + id + ", description: é, match: {" + match + "}, intent: {" +
             (Chance(2) ? target + ", " + intent : intent + ", " + target) + wishes + "}}\n";
    }
    return "  - id: " + id + " # kept\n    match: {" + match + "}\n    intent: {" + intent + ", " +
           target + wishes + "}\n";
  }

  std::string Maps(const std::string& name, const std::string& file) {
    const auto map = [&](const std::string& suffix) {
      return "  - {name: " + name + suffix + ", file: " + file + Maybe(3, ", host: a.example") +
             Maybe(6, ", case: insensitive") + Maybe(6, ", trailing_slash: either") +
             Maybe(6, ", exact_query: true") +
             Maybe(5, ", intent: {purpose: " + Of({"temporary_move", "campaign"}) + "}") + "}\n";
    };
    return "maps:\n" + map("1") + (Chance(3) ? map("2") : "");
  }

  std::string Rows() {
    std::string rows = Maybe(2, "source,target,code\n# kept\n");
    const int count = 1 + Any(5);
    for (int i = 0; i < count; ++i) {
      const std::string source = Maybe(6, "https://x.b.example") + Path() + Maybe(5, "?q=1");
      const std::string quote = Maybe(4, "\"");
      rows += quote + source + quote + Of({",", " , "});
      rows += quote + Target() + quote +
              Of({"", "", "", ",", ",301", ",302", ", 303", ",307", ",308 "});
      rows += '\n';
    }
    return rows;
  }

  void Put(const std::string& name, const std::string& mark, std::string text,
           const std::string& end) const {
    for (size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + end.size())) {
      text.replace(at, 1, end);
    }
    std::ofstream(directory_ / name, std::ios::binary) << mark << text;
  }

  std::mt19937 random_;
  int last_ = 0;
  fs::path directory_;
};

struct Ending {
  std::string url;  // With its fragment.
  std::string method, rule;
  int status = 0;
  bool is_endless = false;
  std::vector<std::string> cookies;

  bool operator==(const Ending&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Ending& ending) {
  out << ending.method << ' ' << ending.url << " (" << ending.rule << ", " << ending.status << ')';
  for (const std::string& cookie : ending.cookies) out << ' ' << cookie;
  return out;
}

struct Way {
  Ending ending;
  std::vector<int> codes;
  Texts targets;
};

// As a browser follows, on the hosts of the requests.
Way Follow(const compiled::Snapshot& snapshot, v1::DecideRequest asked) {
  Way way;
  v1::HttpRequest& request = *asked.mutable_request();
  std::string fragment = "#own";
  while (true) {
    way.ending.url = request.url() + fragment;
    way.ending.method = request.method();
    v1::DecideResponse answer;
    const auto url = http::ParseUrl(request.url());
    if (!url || !std::string_view(url->get_hostname()).ends_with(".example") ||
        !resolve::Decide(snapshot, asked, answer)) {
      return way;
    }
    way.ending.status = answer.status();
    way.ending.rule = answer.rule();
    for (const v1::Header& field : answer.headers()) {
      if (field.name() == "Set-Cookie") way.ending.cookies.push_back(field.value());
    }
    if (answer.outcome() != v1::OUTCOME_REDIRECT) return way;
    way.codes.push_back(answer.status());
    way.targets.push_back(answer.target());
    if (way.codes.size() > kMostHops) {
      way.ending = {.url = {}, .method = {}, .rule = {}, .is_endless = true, .cookies = {}};
      return way;
    }
    const auto next = http::ParseUrl(answer.target());
    if (!next) return way;
    if (next->has_hash()) fragment = next->get_hash();
    std::string to(next->get_href());
    request.set_url(to.substr(0, to.find('#')));
    const bool becomes_get = (answer.status() == 303 && request.method() != "HEAD") ||
                             (answer.status() <= 302 && request.method() == "POST");
    if (becomes_get) request.set_method("GET");
  }
}

bool IsPermanent(int code) { return code == 301 || code == 308; }

class Flattening : public ::testing::Test {
 protected:
  Flattening() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Flattening() override { fs::remove_all(directory_); }
  [[nodiscard]] std::string All() const {
    std::string all;
    for (const char* name : {"p.yaml", "part.yaml", "rows.csv", "more.csv"}) {
      std::ifstream in(directory_ / name, std::ios::binary);
      all +=
          std::string("--- ") + name + "\n" + std::string(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }

  fs::path directory_;
};

TEST_F(Flattening, SavesHopsAndNothingElse) {
  size_t changes = 0, saved = 0, good = 0;
  for (unsigned seed = 0; seed < kPolicies && !HasFailure(); ++seed) {
    fs::remove(directory_ / "part.yaml");
    RandomPolicy policy(seed, directory_);
    policy.Write();
    const std::string path = (directory_ / "p.yaml").string();
    load::Loaded loaded = load::FromFile(path, Now());
    if (loaded.snapshot == nullptr || message::HasErrors(loaded.problems)) continue;
    ++good;
    const compiled::SnapshotPtr before = loaded.snapshot;
    const std::string text = All();
    const auto done = Flatten(path, Now(), loaded);
    // Of a row that stands twice only the first one answers and is written.
    if (!done) {
      ASSERT_NE(done.error().find("has the source of line"), std::string::npos) << done.error();
      ASSERT_EQ(All(), text) << seed;
      continue;
    }
    changes += done->changes;
    if (done->changes == 0) continue;
    for (int i = 0; i < kRequests && !HasFailure(); ++i) {
      const v1::DecideRequest asked = policy.Request();
      const Way old = Follow(*before, asked), now = Follow(*loaded.snapshot, asked);
      const auto told = [&] {
        std::string all = std::to_string(seed) + ": " + asked.request().ShortDebugString() + "\n";
        for (const std::string& change : done->shown) all += change + "\n";
        return all + text + "=== now\n" + All();
      };
      if (old.ending.is_endless) continue;  // On a host that the policy does not name.
      // 303 says it at once: what is only described answers GET and HEAD.
      if (old.ending.status == 405 && now.ending.status == 405) continue;
      EXPECT_EQ(now.ending, old.ending) << told();
      EXPECT_LE(now.codes.size(), old.codes.size()) << told();
      saved += old.codes.size() - now.codes.size();
      if (now.codes.empty() || !IsPermanent(now.codes.front())) continue;
      // What is permanent now was so on the whole way.
      const auto there = std::find(old.targets.begin(), old.targets.end(), now.targets.front());
      if (there == old.targets.end()) continue;
      EXPECT_TRUE(std::all_of(old.codes.begin(),
                              old.codes.begin() + (there - old.targets.begin()) + 1, IsPermanent))
          << told();
    }
  }
  EXPECT_GT(good, 150U);
  EXPECT_GT(changes, 50U);
  EXPECT_GT(saved, 300U);
  RecordProperty("good", static_cast<int>(good));
  RecordProperty("changes", static_cast<int>(changes));
  RecordProperty("saved", static_cast<int>(saved));
}

}  // namespace
}  // namespace fingerpost::policy::mend
