// The same question gets the same answer at /v1/gateway, at the site, and at POST /v1/decide: for
// the field lines of every row of the corpus.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "directories.h"
#include "server/daemon.h"
#include "server/gateway/served_policy.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::pair<std::string, std::string>>;

// A rule for each purpose that a policy can have without parameters.
constexpr char kPolicy[] = R"(
defaults: {allowed_hosts: [new.example], hsts: {max_age: 300s}}
rules:
  - {id: moved, match: {path: /moved}, intent: {purpose: permanent_move, target: /there}}
  - {id: for-now, match: {path: /for-now}, intent: {purpose: temporary_move, target: "https://new.example/a?b=c"}}
  - {id: form, match: {path: /form}, intent: {purpose: form_result, target: /done}}
  - {id: login, match: {path: /login-first}, intent: {purpose: login_required, target: /login}}
  - {id: rerouted, match: {path: /rerouted}, intent: {purpose: reroute, target: /v2}}
  - {id: gone, match: {path: /gone}, intent: {purpose: gone}}
  - {id: choice, match: {path: /beta, fields: [{name: User-Agent}]}, intent: {purpose: canonical_url, target: /canonical}}
  - {id: secure, match: {path: /secure}, intent: {purpose: https_upgrade}}
)";
constexpr const char* kPaths[] = {"/moved", "/for-now", "/form",   "/login-first", "/rerouted",
                                  "/gone",  "/beta",    "/secure", "/none"};

// The connection's own fields, and those that /v1/gateway takes for the gateway's.
bool IsPlain(const std::string& name, const std::string& value) {
  static const std::set<std::string> kOthers = {"connection", "keep-alive", "proxy-connection",
                                                "te",         "trailer",    "transfer-encoding",
                                                "host",       "expect",     "content-length"};
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool is_printable =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  return kOthers.count(lower) == 0 && !lower.starts_with("x-forwarded-") &&
         !lower.starts_with("x-original-") && is_printable && value.find("${") == value.npos &&
         name.find("${") == name.npos && value.size() < 4000 && !value.starts_with(' ') &&
         !value.ends_with(' ');
}

// The distinct lists of field lines of the corpus's requests.
std::set<Lines> AllLines() {
  std::set<Lines> all = {{}};
  for (const auto& file :
       fs::directory_iterator(fs::path(FINGERPOST_TESTS_DIR) / "golden" / "decide")) {
    std::ifstream text(file.path());
    for (const auto& row : nlohmann::json::parse(text)) {
      const auto decide = row.value("decide", nlohmann::json::object());
      if (!decide.contains("request") || !decide["request"].contains("headers")) continue;
      const auto& headers = decide["request"]["headers"];
      if (!headers.is_array()) continue;
      Lines lines;
      for (const auto& header : headers) {
        if (!header.is_object() || !header.contains("name") || !header.contains("value") ||
            !header["value"].is_string()) {
          continue;
        }
        const std::string name = header["name"];
        const std::string value = header["value"];
        if (IsPlain(name, value)) lines.emplace_back(name, value);
      }
      all.insert(lines);
    }
  }
  return all;
}

std::string Fields(const Lines& lines) {
  std::string fields;
  for (const auto& [name, value] : lines) fields += name + ": " + value + "\r\n";
  return fields;
}

nlohmann::json Question(const std::string& method, const std::string& url, const Lines& lines) {
  nlohmann::json headers = nlohmann::json::array();
  for (const auto& [name, value] : lines) headers.push_back({{"name", name}, {"value", value}});
  return {{"request", {{"method", method}, {"url", url}, {"headers", headers}}}};
}

std::vector<std::string> LinesOf(const nlohmann::json& answer) {
  std::vector<std::string> lines;
  for (const auto& header : answer.value("headers", nlohmann::json::array())) {
    lines.push_back(header.at("name").get<std::string>() + ": " +
                    header.value("value", std::string()));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

bool IsAnswer(const nlohmann::json& answer) {
  return answer.at("outcome") == "OUTCOME_REDIRECT" || answer.at("outcome") == "OUTCOME_RESPOND";
}

void Compare(const nlohmann::json& wanted, const HttpResponse& got) {
  EXPECT_EQ(got.status, wanted.at("status"));
  EXPECT_EQ(testing::LinesOf(got), LinesOf(wanted));
  EXPECT_EQ(got.body, wanted.value("body", std::string()));
}

TEST(SameAnswers, AtEveryDoor) {
  const TestDirectory directory;
  const Daemon daemon({"--policy", directory.Write("policy.yaml", kPolicy), "--http-listen",
                       "127.0.0.1:0", "--redirect-listen", "127.0.0.1:0"});
  int answers = 0;
  int passes = 0;
  const auto all = AllLines();
  EXPECT_GT(all.size(), 40U);
  for (const Lines& lines : all) {
    for (const std::string method : {"GET", "HEAD", "POST"}) {
      for (const std::string path : kPaths) {
        SCOPED_TRACE(method + " " + path + "\n" + Fields(lines));
        const std::string host = "Host: www.example.com\r\n";
        const nlohmann::json wanted = nlohmann::json::parse(
            PostJson(daemon.http_address(), "/v1/decide",
                     Question(method, "http://www.example.com" + path, lines).dump())
                .body);
        const HttpResponse gateway = Exchange(
            daemon.http_address(), Request(method + " /v1/gateway" + path, host + Fields(lines)));
        const HttpResponse site =
            Exchange(daemon.site_address(), Request(method + " " + path, host + Fields(lines)));
        if (!wanted.contains("outcome")) {
          // No name of a field, or too many fields: a 4xx, or nothing to judge.
          EXPECT_TRUE(gateway.status == 400 ||
                      FieldOf(gateway, "Fingerpost-Outcome") == "unreadable");
          EXPECT_TRUE(site.status == 400 || site.status == 431) << site.status;
        } else if (IsAnswer(wanted)) {
          ++answers;
          Compare(wanted, gateway);
          Compare(wanted, site);
        } else {
          ++passes;
          EXPECT_EQ(gateway.status, 204);
          EXPECT_NE(FieldOf(gateway, "Fingerpost-Outcome"), "unreadable");
          EXPECT_EQ(site.status, 404);
          for (const std::string& line : LinesOf(wanted)) {
            EXPECT_NE(gateway.fields.find(line), std::string::npos) << line;
          }
        }
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(answers, 900);
  EXPECT_GT(passes, 100);
}

}  // namespace
}  // namespace fingerpost::testing
