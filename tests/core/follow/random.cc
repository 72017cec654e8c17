#include "core/follow/random.h"

#include <cctype>
#include <cstdlib>
#include <iostream>

#include "core/http/fields.h"
#include "core/http/url.h"

namespace fingerpost::testing {
namespace {

constexpr const char* kAuthorities[] = {"a.test",
                                        "A.TEST",
                                        "a.test:443",
                                        "a.test:80",
                                        "a.test:0443",
                                        "a.test:8443",
                                        "a.test.",
                                        "b.a.test",
                                        "evil.test",
                                        "aa.test",
                                        "a.test.evil.test",
                                        "127.0.0.1",
                                        "127.1",
                                        "[::1]",
                                        "a%2etest",
                                        "\xEF\xBD\x81.test",
                                        "evil.test:443",
                                        "a\t.test",
                                        "co.uk",
                                        "x.co.uk",
                                        "[::1%lo]",
                                        "[::1%25lo]:443",
                                        "[::1%25]x:80",
                                        "[::1%l%6f]",
                                        "[::1%a\r\nb]",
                                        "[fe80::1%lo]",
                                        "a.test:-80",
                                        "a@a%40a.test",
                                        "a.test'.evil.test"};
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
                                  "/a\"b'c/<d>^`{e|f}?q='[x]'&%zz%7e%2f\\",
                                  "/%2e%2E/./a%2fb%/../c%41?%5b y",
                                  "/../b/../c/d",
                                  "./..//.hidden",
                                  "/p%3Fq%23/%0a%00/%e2%82%f0",
                                  "/\x01\xE9/b?\x7F\xC3\xA9\x80",
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
constexpr const char* kSetCookies[] = {"s=1",
                                       "s=1; Domain=a.test",
                                       "s=; Max-Age=0",
                                       "h=2; Path=/x",
                                       "__Host-s=1; Secure; Path=/",
                                       "t=1; Domain=evil.test",
                                       "t=1; Domain=test",
                                       "n=1; SameSite=None; Secure",
                                       "o=1; Version=1; Domain=.a.test",
                                       "o=\"2\"; Version=\"1\"; Path=/x",
                                       "x=1; SameSite=Strict; Max-Age=50"};

constexpr const char* kPlainFields[] = {
    "Accept", "Content-Type", "Content-Length",  "If-None-Match", "Connection",
    "Host",   "Origin",       "Referer",         "User-Agent",    "TE",
    "Range",  "If-Range",     "Signature-Input", "Signature",     "Sec-Fetch-Site"};
constexpr const char* kPlainValues[] = {"",
                                        "x",
                                        "close, authorization",
                                        "a.test",
                                        "https://a.test",
                                        "https://a.test/p?q#f",
                                        "https://u:p@a.test/",
                                        "same-origin",
                                        "s=(\"@method\" \"@query-param\";name=\"a%20b\");x=1",
                                        "s=(\"@path\\\\",
                                        "s=(\"range\";key=\")\" \"host\"), t=()"};

}  // namespace

Generator::Generator() {
  const char* given = std::getenv("FINGERPOST_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cerr << "FINGERPOST_SEED=" << seed << std::endl;
  random_.seed(seed);
}

std::string Generator::MixCase(std::string text) {
  for (char& c : text) {
    if (OneIn(2))
      c = static_cast<char>(OneIn(2) ? std::toupper(static_cast<unsigned char>(c))
                                     : std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

std::string Generator::Junk() {
  std::string junk;
  for (size_t i = Below(12); i > 0; --i) junk += static_cast<char>(Below(256));
  return junk;
}

void FillResponse(Generator& g, v1::HttpResponse& response) {
  response.Clear();
  response.set_status(g.OneIn(6) ? g.Pick(kStatuses) : kStatuses[g.Below(5)]);
  for (size_t i = g.OneIn(12) ? g.Below(3) : 1; i > 0; --i) {
    v1::Header& header = *response.add_headers();
    header.set_name(g.MixCase("location"));
    http::SetValue(header, Location(g));
  }
  for (size_t i = g.Below(3); i > 0; --i) {
    v1::Header& header = *response.add_headers();
    header.set_name("Set-Cookie");
    http::SetValue(header, g.OneIn(10) ? g.Junk() : g.Pick(kSetCookies));
  }
  if (g.OneIn(6)) {
    v1::Header& header = *response.add_headers();
    header.set_name("Retry-After");
    header.set_value(g.OneIn(4) ? "soon" : "5");
  }
  if (g.OneIn(6)) {
    v1::Header& header = *response.add_headers();
    header.set_name("Referrer-Policy");
    header.set_value(g.OneIn(2) ? "unsafe-url" : "origin");
  }
}

v1::FollowRequest FirstQuestion(Generator& g) {
  v1::FollowRequest question;
  v1::HttpRequest& request = *question.mutable_request();
  request.set_method(g.Pick(kMethods));
  do {
    request.set_url((g.OneIn(3) ? "http://" : "https://") + std::string(g.Pick(kUserinfos)) +
                    g.Pick(kAuthorities) + "/start" + (g.OneIn(3) ? "#f" : ""));
  } while (http::HasControl(request.url()) || !http::ParseUrl(request.url()));
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
  if (g.OneIn(6)) options.set_stop_on_method_change(true);
  if (g.OneIn(4)) options.set_allow_polling(true);
  if (g.OneIn(2)) question.mutable_now()->set_seconds(1700000000);
  return question;
}

void Tamper(Generator& g, v1::Chain& chain) {
  switch (g.Below(8)) {
    case 0:
      chain.Clear();
      break;
    case 1:
      chain.set_credentials_dropped(!chain.credentials_dropped());
      chain.set_content_dropped(!chain.content_dropped());
      chain.set_origin_tainted(!chain.origin_tainted());
      chain.set_secure_page(!chain.secure_page());
      chain.set_referrer_policy("unsafe-url");
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

}  // namespace fingerpost::testing
