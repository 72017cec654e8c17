// What must hold of every answer, over generated chains. The seed is printed; FINGERPOST_SEED
// repeats a run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <iostream>
#include <random>

#include "core/decide.h"
#include "core/fields.h"
#include "core/follow.h"
#include "core/follow_testing.h"
#include "core/url.h"

namespace fingerpost {
namespace {

constexpr int kCases = 100000;
constexpr std::string_view kSecret = "S3CR3T";

// --- Generating ---

class Generator {
 public:
  Generator() {
    const char* given = std::getenv("FINGERPOST_SEED");
    const uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "FINGERPOST_SEED=" << seed << std::endl;
    random_.seed(seed);
  }
  size_t Below(size_t end) { return random_() % end; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <typename List>
  auto Pick(const List& list) {
    return std::data(list)[Below(std::size(list))];
  }
  std::string MixCase(std::string text) {
    for (char& c : text) {
      if (OneIn(2))
        c = static_cast<char>(OneIn(2) ? std::toupper(static_cast<unsigned char>(c))
                                       : std::tolower(static_cast<unsigned char>(c)));
    }
    return text;
  }
  std::string Junk() {
    std::string junk;
    for (size_t i = Below(12); i > 0; --i) junk += static_cast<char>(Below(256));
    return junk;
  }

 private:
  std::mt19937_64 random_;
};

constexpr const char* kAuthorities[] = {
    "a.test",  "A.TEST",   "a.test:443", "a.test:80",         "a.test:0443",      "a.test:8443",
    "a.test.", "b.a.test", "evil.test",  "aa.test",           "a.test.evil.test", "127.0.0.1",
    "127.1",   "[::1]",    "a%2etest",   "\xEF\xBD\x81.test", "evil.test:443",    "a\t.test",
    "co.uk",   "x.co.uk"};
constexpr const char* kUserinfos[] = {"",   "",     "",        "",   "",
                                      "u@", "u:p@", "a.test@", ":@", "a.test:443@"};
constexpr const char* kPaths[] = {"/",
                                  "",
                                  "/x",
                                  "/y?q=1",
                                  "/../z",
                                  "?only",
                                  "/x#f",
                                  "/%2f%2fevil.test",
                                  "/\\evil.test",
                                  "//evil.test",
                                  "/ x",
                                  "/\xC3\xA9",
                                  "/\xE9",
                                  "#"};
constexpr const char* kSlashes[] = {"://", "://", "://", ":/", ":", ":\\\\", ":///"};

std::string Location(Generator& g) {
  if (g.OneIn(20)) return g.Junk();
  std::string text;
  const size_t form = g.Below(10);
  if (form < 5) {
    text = g.MixCase(g.OneIn(2) ? "https" : "http") + g.Pick(kSlashes) + g.Pick(kUserinfos) +
           g.Pick(kAuthorities) + g.Pick(kPaths);
  } else if (form < 7) {
    text = std::string(g.OneIn(2)   ? "//"
                       : g.OneIn(2) ? "\\\\"
                                    : "/\t/") +
           g.Pick(kUserinfos) + g.Pick(kAuthorities) + g.Pick(kPaths);
  } else if (form == 7 && g.OneIn(4)) {
    text = g.OneIn(2) ? "javascript:alert(1)" : "ftp://a.test/";
  } else {
    text = g.Pick(kPaths);
  }
  if (g.OneIn(15)) text.insert(g.Below(text.size() + 1), g.Junk());
  return text;
}

constexpr int kStatuses[] = {301, 302, 303, 307, 308, 300, 304, 305, 200, 399};
constexpr const char* kMethods[] = {"GET",      "HEAD",   "POST", "PUT", "QUERY",
                                    "PROPFIND", "DELETE", "BREW", "get"};
constexpr const char* kSetCookies[] = {"s=1",
                                       "s=1; Domain=a.test",
                                       "s=; Max-Age=0",
                                       "h=2; Path=/x",
                                       "__Host-s=1; Secure; Path=/",
                                       "t=1; Domain=evil.test",
                                       "t=1; Domain=test",
                                       "n=1; SameSite=None; Secure",
                                       "x=1; SameSite=Strict; Max-Age=50"};

void FillResponse(Generator& g, v1::HttpResponse& response) {
  response.Clear();
  response.set_status(g.OneIn(6) ? g.Pick(kStatuses) : kStatuses[g.Below(5)]);
  for (size_t i = g.OneIn(12) ? g.Below(3) : 1; i > 0; --i) {
    v1::Header& header = *response.add_headers();
    header.set_name(g.MixCase("location"));
    SetValue(header, Location(g));
  }
  for (size_t i = g.Below(3); i > 0; --i) {
    v1::Header& header = *response.add_headers();
    header.set_name("Set-Cookie");
    SetValue(header, g.OneIn(10) ? g.Junk() : g.Pick(kSetCookies));
  }
  if (g.OneIn(6)) {
    v1::Header& header = *response.add_headers();
    header.set_name("Referrer-Policy");
    header.set_value(g.OneIn(2) ? "unsafe-url" : "origin");
  }
}

constexpr const char* kSecretFields[] = {
    "Authorization",      "Cookie",    "Cookie2", "Proxy-Authorization", "WWW-Authenticate",
    "Proxy-Authenticate", "X-Api-Key", "X-Token"};
constexpr const char* kPlainFields[] = {
    "Accept", "Content-Type", "Content-Length", "If-None-Match", "Connection",
    "Host",   "Origin",       "Referer",        "User-Agent",    "TE"};
constexpr const char* kPlainValues[] = {"",
                                        "x",
                                        "close, authorization",
                                        "a.test",
                                        "https://a.test",
                                        "https://a.test/p?q#f",
                                        "https://u:p@a.test/"};

v1::FollowRequest FirstQuestion(Generator& g) {
  v1::FollowRequest question;
  v1::HttpRequest& request = *question.mutable_request();
  request.set_method(g.Pick(kMethods));
  do {
    request.set_url((g.OneIn(3) ? "http://" : "https://") + std::string(g.Pick(kUserinfos)) +
                    g.Pick(kAuthorities) + "/start" + (g.OneIn(3) ? "#f" : ""));
  } while (HasControl(request.url()) || !ParseUrl(request.url()));
  request.set_body(static_cast<v1::Body>(g.Below(4)));
  for (size_t i = g.Below(6); i > 0; --i) {
    v1::Header& header = *request.add_headers();
    if (g.OneIn(2)) {
      header.set_name(g.MixCase(g.Pick(kSecretFields)));
      if (!g.OneIn(4)) header.set_value("c=" + std::string(kSecret) + std::to_string(g.Below(3)));
    } else {
      header.set_name(g.MixCase(g.Pick(kPlainFields)));
      if (!g.OneIn(6)) header.set_value(g.Pick(kPlainValues));
    }
  }
  FillResponse(g, *question.mutable_response());
  v1::FollowOptions& options = *question.mutable_options();
  options.add_secret_fields("x-api-key");
  options.add_secret_fields("X-TOKEN");
  if (g.OneIn(2)) options.set_allow_downgrade(true);
  if (g.OneIn(2)) options.set_userinfo(v1::USERINFO_POLICY_STRIP);
  if (g.OneIn(4)) options.set_keep_post(true);
  if (g.OneIn(4)) options.set_follow_multiple_choices(true);
  if (g.OneIn(2)) question.mutable_now()->set_seconds(1700000000);
  return question;
}

// What somebody who may write the chain can do to it.
void Tamper(Generator& g, v1::Chain& chain) {
  switch (g.Below(8)) {
    case 0:
      chain.Clear();
      break;
    case 1:
      chain.set_credentials_dropped(!chain.credentials_dropped());
      chain.set_content_dropped(!chain.content_dropped());
      chain.set_origin_tainted(!chain.origin_tainted());
      break;
    case 2:
      chain.set_first_url("https://evil.test/");
      if (chain.visited_size() > 0) chain.mutable_visited(0)->set_url("https://evil.test/");
      break;
    case 3: {
      v1::Cookie& cookie = *chain.add_cookies();
      cookie.set_name("c");
      cookie.set_value("planted");
      cookie.set_domain(g.OneIn(2) ? "evil.test" : "a.test");
      cookie.set_path("/");
      break;
    }
    case 4:
      chain.add_added_fields("Authorization");
      break;
    case 5:
      chain.clear_cookies();
      break;
    case 6: {
      v1::Header& aside = *chain.add_set_aside();
      aside.set_name("Authorization");
      aside.set_value("planted");
      break;
    }
    default:
      chain.set_profile(v1::PROFILE_CURL);
  }
}

// --- Checking ---

std::string Origin(const std::string& url) { return std::string(ParseUrl(url)->get_origin()); }

bool IsSecretName(std::string_view name) {
  return std::any_of(std::begin(kSecretFields), std::end(kSecretFields),
                     [name](const char* secret) { return EqualsIgnoreCase(secret, name); });
}

std::string Describe(const v1::FollowRequest& question, const v1::FollowResponse& answer) {
  return question.DebugString() + "\n=>\n" + answer.DebugString();
}

// The comment of v1.Change, word for word and apart from the code that it is about.
v1::HttpRequest Apply(const v1::HttpRequest& request,
                      const google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  v1::HttpRequest next = request;
  std::vector<std::optional<v1::Header>> fields(request.headers().begin(), request.headers().end());
  for (const v1::Change& change : changes) {
    if (change.kind() == v1::CHANGE_KIND_METHOD) next.set_method(change.value());
    if (change.kind() == v1::CHANGE_KIND_URL) next.set_url(change.value());
    if (change.kind() == v1::CHANGE_KIND_BODY_DROPPED) next.set_body(v1::BODY_NONE);
    if (change.kind() == v1::CHANGE_KIND_FIELD_DROPPED) fields.at(change.index()).reset();
    if (change.kind() == v1::CHANGE_KIND_FIELD_REWRITTEN)
      fields.at(change.index()) = change.field();
    if (change.kind() == v1::CHANGE_KIND_FIELD_ADDED) fields.emplace_back(change.field());
  }
  next.clear_headers();
  for (const auto& field : fields) {
    if (field) *next.add_headers() = *field;
  }
  return next;
}

// Kinds in their order, indexes ascending, a sentence in each, and no value of a dropped field.
bool ChangesAreInOrder(const v1::FollowResponse& answer) {
  static constexpr int kRank[] = {0, 2, 1, 3, 4, 4, 5};
  std::pair<int, uint32_t> last{0, 0};
  for (const v1::Change& change : answer.changes()) {
    const std::pair<int, uint32_t> rank{kRank[change.kind()], change.index()};
    const bool ascends = last.first < rank.first ||
                         (last.first == rank.first &&
                          (rank.first == 5 || last.second < rank.second || last.first == 0));
    if (!ascends || change.message().empty() || change.reason() == v1::CHANGE_REASON_UNSPECIFIED)
      return false;
    if (change.kind() == v1::CHANGE_KIND_FIELD_DROPPED && !IsWithheld(change.field())) return false;
    last = rank;
  }
  return true;
}

// nullptr: all is well. Otherwise what is wrong with the answer, whatever the profile.
const char* Fault(const v1::FollowRequest& question, const v1::FollowResponse& answer) {
  if (answer.result_case() == v1::FollowResponse::RESULT_NOT_SET) return "neither next nor stop";
  v1::FollowResponse again;
  v1::Error error;
  if (!Follow(question, again, error) || again.SerializeAsString() != answer.SerializeAsString())
    return "not deterministic";
  if (answer.has_stop()) {
    if (answer.stop().message().empty()) return "a stop without a sentence";
    return answer.changes_size() == 0 ? nullptr : "changes on a stop";
  }
  const v1::HttpRequest& next = answer.next();
  const auto url = ParseUrl(next.url());
  if (!url || !IsHttp(*url)) return "next.url is no http(s) URL";
  if (HasControl(next.url()) || next.url().size() > kMaxUrl)
    return "next.url has controls or is too long";
  if (url->get_href() != next.url()) return "next.url is not the parser's own spelling";
  if (HasUserinfo(*url)) return "next.url has userinfo";
  if (Apply(question.request(), answer.changes()).SerializeAsString() != next.SerializeAsString())
    return "request + changes is not next";
  if (!ChangesAreInOrder(answer)) return "changes are out of order, or one says nothing";
  if (answer.chain().count() != static_cast<uint32_t>(answer.chain().visited_size()))
    return "the chain contradicts itself";
  v1::FollowRequest then = question;
  *then.mutable_request() = next;
  *then.mutable_chain() = answer.chain();
  return Follow(then, again, error) ? nullptr : "the next hop is refused";
}

TEST(Property, ASecretNeverCrossesAnOriginUnderStrict) {
  Generator g;
  int hops = 0;
  int crossed = 0;
  while (hops < kCases) {
    v1::FollowRequest question = FirstQuestion(g);
    const bool has_secret = question.DebugString().find(kSecret) != std::string::npos;
    const std::string home = Origin(question.request().url());
    bool left = false;
    for (int hop = 0; hop < 8; ++hop) {
      ++hops;
      v1::FollowResponse answer;
      v1::Error error;
      if (!Follow(question, answer, error)) break;  // A tampered chain that contradicts itself.
      const char* fault = Fault(question, answer);
      ASSERT_EQ(fault, nullptr) << Describe(question, answer);
      if (answer.has_stop()) break;
      left = left || Origin(answer.next().url()) != home;
      if (left) {
        crossed += has_secret ? 1 : 0;
        ASSERT_EQ(answer.SerializeAsString().find(kSecret), std::string::npos)
            << Describe(question, answer);
        for (const v1::Header& header : answer.next().headers()) {
          const bool jar = EqualsIgnoreCase(header.name(), "Cookie") && !IsWithheld(header);
          ASSERT_TRUE(jar || !IsSecretName(header.name())) << Describe(question, answer);
        }
      }
      *question.mutable_request() = answer.next();
      *question.mutable_chain() = answer.chain();
      if (g.OneIn(3)) Tamper(g, *question.mutable_chain());
      FillResponse(g, *question.mutable_response());
    }
  }
  EXPECT_GT(crossed, kCases / 10) << "the generator takes too few secrets across an origin";
  std::cout << hops << " hops, " << crossed << " after a secret left its origin" << std::endl;
}

TEST(Property, EveryProfileAccountsForWhatItChanges) {
  Generator g;
  int hops = 0;
  int followed = 0;
  while (hops < kCases) {
    v1::FollowRequest question = FirstQuestion(g);
    question.mutable_options()->set_profile(static_cast<v1::Profile>(1 + g.Below(v1::Profile_MAX)));
    for (int hop = 0; hop < 5; ++hop) {
      ++hops;
      v1::FollowResponse answer;
      v1::Error error;
      ASSERT_TRUE(Follow(question, answer, error)) << error.DebugString() << question.DebugString();
      const char* fault = Fault(question, answer);
      ASSERT_EQ(fault, nullptr) << Describe(question, answer);
      if (answer.has_stop()) break;
      ++followed;
      *question.mutable_request() = answer.next();
      *question.mutable_chain() = answer.chain();
      FillResponse(g, *question.mutable_response());
    }
  }
  EXPECT_GT(followed, kCases / 4) << "the generator makes too few redirects that are followed";
  std::cout << hops << " hops, " << followed << " followed" << std::endl;
}

struct Wish {
  v1::Purpose purpose;
  bool keeps_method;
};
constexpr Wish kWishes[] = {
    {v1::PURPOSE_FORM_RESULT, false},    {v1::PURPOSE_TEMPORARY_MOVE, true},
    {v1::PURPOSE_PERMANENT_MOVE, true},  {v1::PURPOSE_REROUTE, true},
    {v1::PURPOSE_CANONICAL_URL, true},   {v1::PURPOSE_DESCRIBES, false},
    {v1::PURPOSE_LOGIN_REQUIRED, false}, {v1::PURPOSE_AUTHORIZATION_RESPONSE, false}};
constexpr const char* kTargets[] = {"/t",
                                    "/t?q=1#f",
                                    "t",
                                    "?q",
                                    "https://b.test/",
                                    "https://shop.test:8443/x",
                                    "/a b",
                                    "/\xC3\xA9",
                                    "https://B\xC3\xBC"
                                    "cher.test/",
                                    "/../x",
                                    "#f",
                                    "https:/y"};

TEST(Property, FollowAfterDecideReachesTheTarget) {
  Generator g;
  int redirects = 0;
  const v1::Defaults defaults;
  for (int i = 0; i < kCases; ++i) {
    const Wish wish = g.Pick(kWishes);
    v1::DecideRequest wanted;
    wanted.mutable_request()->set_method(g.Pick(kMethods));
    wanted.mutable_request()->set_url("https://shop.test/orders/" + std::to_string(g.Below(3)));
    wanted.mutable_request()->set_body(g.OneIn(2) ? v1::BODY_REPLAYABLE : v1::BODY_NONE);
    wanted.mutable_now()->set_seconds(1700000000);
    v1::Intent& intent = *wanted.mutable_intent();
    intent.set_purpose(wish.purpose);
    intent.set_target(g.Pick(kTargets));
    intent.set_trust(v1::TRUST_CALLER);
    intent.set_client(v1::CLIENT_KIND_BROWSER);
    const DecideInput input{wanted, intent, defaults, "", "", {}};
    v1::DecideResponse decided;
    v1::Error error;
    if (!Decide(input, decided, error) || decided.outcome() != v1::OUTCOME_REDIRECT) continue;

    v1::FollowRequest question;
    *question.mutable_request() = wanted.request();
    question.mutable_response()->set_status(decided.status());
    *question.mutable_response()->mutable_headers() = decided.headers();
    const v1::FollowResponse answer = testing::Answer(question);
    if (answer.has_stop() && answer.stop().reason() == v1::STOP_REASON_LOOP)
      continue;  // A target that is the request itself.
    ASSERT_TRUE(answer.has_next())
        << wanted.DebugString() << decided.DebugString() << answer.DebugString();
    const auto base = ParseUrl(wanted.request().url());
    ASSERT_EQ(answer.next().url(), ParseUrl(intent.target(), &*base)->get_href())
        << wanted.DebugString() << decided.DebugString();
    const std::string& method = wanted.request().method();
    const std::string expected = wish.keeps_method || method == "HEAD" ? method : "GET";
    ASSERT_EQ(answer.next().method(), expected) << wanted.DebugString() << decided.DebugString();
    ++redirects;
  }
  EXPECT_GT(redirects, kCases / 4) << "too few wishes became redirects";
  std::cout << redirects << " redirects" << std::endl;
}

// --- Cost ---

// CPU time of this thread: other work on the machine does not count.
double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double SecondsOf(const v1::FollowRequest& question) {
  double best = 1e9;
  for (int i = 0; i < 7; ++i) {
    v1::FollowResponse answer;
    v1::Error error;
    const double start = ThreadSeconds();
    EXPECT_TRUE(Follow(question, answer, error));
    best = std::min(best, ThreadSeconds() - start);
  }
  return best;
}

std::string Repeat(std::string_view text, size_t size) {
  std::string all;
  while (all.size() < size) all += text;
  all.resize(size);
  return all;
}

// Sixteen times the size may cost sixteen times the time, not 256 times. The bound lies between.
TEST(Property, AHostileLocationCostsLinearTime) {
  for (const char* piece : {"@", "../", "%2e%2e/", "\\", "a.", "[", ":", "x ", "\xE9", "\xC3\xA9",
                            "?", "#", "://", "/x/../", "%"}) {
    for (const char* prefix : {"", "/", "http://", "http://a.test/", "//"}) {
      const auto question = [&](size_t size) {
        v1::FollowRequest q = testing::Ask("GET http://a.test/dir/page", 302, "");
        v1::Header& header = *q.mutable_response()->add_headers();
        header.set_name("Location");
        SetValue(header, prefix + Repeat(piece, size) + 'x');
        return q;
      };
      const double small = SecondsOf(question(4000));
      const double large = SecondsOf(question(64000));
      EXPECT_LT(large, 80 * small + 1e-3) << prefix << " + " << piece;
      EXPECT_LT(SecondsOf(question(1 << 20)), 80 * large + 1e-3) << prefix << " + " << piece;
      EXPECT_EQ(testing::Next(question(1 << 20)), "STOP LOCATION_TOO_LONG");
    }
  }
}

TEST(Property, HostileFieldsCostLinearTime) {
  const auto question = [](int fields, size_t size) {
    v1::FollowRequest q = testing::Ask("GET http://a.test/", 302, "Location: http://b.test/");
    for (int i = 0; i < fields; ++i) {
      for (const char* name : {"Connection", "Cookie", "Referer"}) {
        v1::Header& header = *q.mutable_request()->add_headers();
        header.set_name(name);
        header.set_value(Repeat("a" + std::to_string(i) + "=b;,", size));
      }
      for (const char* name : {"Set-Cookie", "Location", "Referrer-Policy", "Retry-After"}) {
        v1::Header& header = *q.mutable_response()->add_headers();
        header.set_name(name);
        header.set_value(name == std::string_view("Location")
                             ? "http://b.test/"
                             : Repeat("a" + std::to_string(i) + "=b; Path=/,", size));
      }
    }
    return q;
  };
  const double small = SecondsOf(question(10, 4000));
  const double large = SecondsOf(question(10, 64000));
  EXPECT_LT(large, 80 * small + 1e-3);
  EXPECT_LT(SecondsOf(question(60, 64000)), 0.5);
}

}  // namespace
}  // namespace fingerpost
