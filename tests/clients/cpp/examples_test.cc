// The examples run, and the README has them word by word.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "cli/program.h"
#include "directories.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string ReadFile(const std::string& path) {
  std::ifstream file(FINGERPOST_TESTS_DIR "/../" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string RunExample(const std::string& example, const Daemon& daemon) {
  return RunShell("exec " FINGERPOST_BIN_DIR "/examples/" + example + " " + daemon.address() +
                  " 2>&1")
      .out;
}

TEST(Examples, Decide) {
  const Daemon daemon;
  EXPECT_THAT(RunExample("example_decide", daemon),
              StartsWith("303\nLocation: /orders/7829/confirmation\nCache-Control: no-store\n"));
}

TEST(Examples, Follow) {
  const Daemon daemon;
  EXPECT_EQ(
      RunExample("example_follow", daemon),
      "GET https://shop.example.com/orders/7829/confirmation\nAuthorization: Bearer secret\n");
}

// Every fenced block of C++ in the README is in one of the built programs.
TEST(Examples, AreTheReadmes) {
  const std::string readme = ReadFile("client/cpp/README.md");
  const std::string sources =
      ReadFile("client/cpp/examples/decide.cc") + ReadFile("client/cpp/examples/follow.cc") +
      ReadFile("client/cpp/examples/CMakeLists.txt") + ReadFile("tests/clients/cpp/readme_test.cc");
  int blocks = 0;
  for (size_t at = 0; (at = readme.find("```cpp\n", at)) != std::string::npos; ++blocks) {
    const size_t start = at + 7;
    at = readme.find("```", start);
    EXPECT_THAT(sources, HasSubstr(readme.substr(start, at - start)));
  }
  EXPECT_GE(blocks, 5);
}

std::string AskShop(const std::string& address) {
  const Outcome shop =
      RunShell("exec python3 " FINGERPOST_TESTS_DIR "/clients/cpp/ask_shop.py " FINGERPOST_BIN_DIR
               "/examples/example_shop " +
               address + " 2>&1");
  EXPECT_EQ(shop.status, 0) << shop.out;
  return shop.out;
}

std::string AnswerTo(const std::string& name, const std::string& all) {
  const size_t start = all.find("== " + name + "\n");
  return start == std::string::npos ? all : all.substr(start, all.find("\n== ", start) - start);
}

// What the shop answers with the service, and without.
void ExpectRedirects(const std::string& all) {
  const auto answer_to = [&](const std::string& name) { return AnswerTo(name, all); };
  EXPECT_THAT(answer_to("order"), AllOf(HasSubstr("\n303\nLocation: /orders/1/confirmation\n"),
                                        HasSubstr("\nCache-Control: no-store\n"),
                                        HasSubstr("\nSet-Cookie: flash=Order%20placed%3A%20tea;")));
  EXPECT_THAT(answer_to("destroy"), HasSubstr("\n303\nLocation: /orders\n"));
  EXPECT_THAT(answer_to("webhook"), HasSubstr("\n307\nLocation: /v2/webhooks\n"));
  EXPECT_THAT(answer_to("webhook v2"), HasSubstr("{\"event\":\"paid\"}"));
  EXPECT_THAT(answer_to("campaign"), HasSubstr("\n302\nLocation: /products?promo=spring\n"));
  EXPECT_THAT(answer_to("login"),
              AllOf(HasSubstr("\n303\n"), HasSubstr("/callback?code=c0de&state=s1\n"),
                    HasSubstr("\nReferrer-Policy: no-referrer\n"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(answer_to("evil"), Not(HasSubstr("Location:")));
  EXPECT_THAT(answer_to("list"), HasSubstr("0 orders"));
}

TEST(Examples, ShopInAnOutage) {
  const std::string all = AskShop("127.0.0.1:1");
  ExpectRedirects(all);
  // A policy could allow it.
  EXPECT_THAT(AnswerTo("evil", all), AllOf(HasSubstr("\n503\n"), HasSubstr("\nRetry-After: 5\n")));
}

TEST(Examples, Shop) {
  const Daemon daemon;
  const std::string all = AskShop(daemon.address());
  ExpectRedirects(all);
  EXPECT_THAT(AnswerTo("evil", all), AllOf(HasSubstr("\n400\n"), Not(HasSubstr("redirect_uri"))));
}

}  // namespace
}  // namespace fingerpost::testing
