// --server: the same answers, from a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/program.h"

namespace fingerpost {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

using Words = std::vector<std::string>;

constexpr char kNow[] = "2026-01-31T12:00:00Z";

// The same output, word by word, and the same status.
void ExpectSame(const Server& server, Words words, const std::string& input = "") {
  const Outcome here = RunFingerpost(words, input);
  words.insert(words.end(), {"--server", server.address(), "--timeout", "60"});
  const Outcome there = RunFingerpost(words, input);
  EXPECT_EQ(there.out, here.out);
  EXPECT_EQ(there.err, here.err);
  EXPECT_EQ(there.status, here.status);
  EXPECT_NE(here.out + here.err, "");
}

TEST(WithServer, AnswersAsWithout) {
  const Server server;
  const Words order = {
      "decide",    "-X",          "POST",  "--url", "https://shop.example.com/orders",
      "--purpose", "form_result", "--now", kNow};
  for (const Words& more :
       {Words{"/orders/7829/confirmation"}, Words{"--json", "/orders/7829/confirmation"},
        Words{"--explain", "--json", "/x"}, Words{"https://evil.example/"},
        Words{"--flash", "Grüße", "--json", "/x"}, Words{"--protocol", "HTTP/2", "/x"}, Words{},
        Words{"--json"}, Words{"a\nb"}, Words{"--pin", "307", "/x"}}) {
    Words words = order;
    words.insert(words.end(), more.begin(), more.end());
    ExpectSame(server, words);
  }
  ExpectSame(server, {"decide", "--intent", "nobody"});
  ExpectSame(server, {"decide", "--url", "https://a.example/x"});
  const Words hop = {"follow", "--url", "https://a.example/", "-H", "Authorization: x",
                     "--now",  kNow};
  for (const Words& more :
       {Words{"--status", "302", "--location", "https://b.example/"}, Words{"--status", "200"},
        Words{"--status", "302", "--location", "/b", "--json", "--response-header",
              "Set-Cookie: a=b; Max-Age=60"},
        Words{"--status", "99"}}) {
    Words words = hop;
    words.insert(words.end(), more.begin(), more.end());
    ExpectSame(server, words);
  }
}

TEST(WithServer, AnswersFilesAsWithout) {
  const Server server;
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    const std::string n = std::to_string(i);
    text += i % 7 == 3   ? "{\"request\": 5}\n"
            : i % 7 == 5 ? "{\"request\":{\"method\":\"\"},\"now\":\"2026-01-31T12:00:00Z\"}\n"
                         : R"({"request":{"method":"POST","url":"https://a.example/"},"now":")" +
                               std::string(kNow) +
                               R"(","intent":{"purpose":"form_result","target":"/)" + n + "\"}}\n";
  }
  ExpectSame(server, {"decide", "--input", "-"}, text);
}

// The server takes fewer questions at once, and shorter messages, than the client would send.
TEST(WithServer, FitsIntoItsLimits) {
  const Server server({"--max-batch", "3", "--max-message-size", "4096"});
  std::string text;
  const std::string question =
      R"({"request":{"method":"POST","url":"https://a.example/"},"now":")" + std::string(kNow) +
      R"(","intent":{"purpose":"form_result","target":"/)";
  for (int i = 0; i < 50; ++i) text += question + std::to_string(i) + "\"}}\n";
  ExpectSame(server, {"decide", "--input", "-"}, text);
  const std::string large = question + std::string(5000, 'x') + "\"}}\n";
  const Outcome outcome =
      RunFingerpost({"decide", "--input", "-", "--server", server.address(), "--timeout", "60"},
                    text + large + text);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 101);
  EXPECT_THAT(outcome.out, HasSubstr(R"({"error":{"code":"RESOURCE_EXHAUSTED")"));
}

TEST(WithServer, StopsWhenItIsGone) {
  const Outcome outcome = RunFingerpost({"decide", "--input", "-", "--server", "127.0.0.1:1"},
                                        "{\"request\":{\"method\":\"GET\"}}\n");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("UNAVAILABLE"));
}

TEST(Health, IsAskedFor) {
  const Server server;
  const Words ask = {"health", "--server", server.address(), "--timeout", "60"};
  const Outcome outcome = RunFingerpost(ask);
  EXPECT_EQ(outcome.out, "SERVING\n");
  EXPECT_EQ(outcome.status, 0);
  const auto about = [&ask](const std::string& service) {
    Words words = ask;
    words.insert(words.end(), {"--service", service});
    return RunFingerpost(words);
  };
  EXPECT_EQ(about("fingerpost.v1.RedirectService").out, "SERVING\n");
  const Outcome unknown = about("no.such.Service");
  EXPECT_EQ(unknown.status, 3);
  EXPECT_THAT(unknown.err, HasSubstr("NOT_FOUND"));
}

}  // namespace
}  // namespace fingerpost
