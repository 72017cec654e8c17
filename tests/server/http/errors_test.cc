// Every error of the HTTP/JSON port is JSON of one shape, also those of HTTP itself. From raw
// octets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/daemon.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Row {
  std::string name;
  std::string octets;
  int status;
  std::string code;
  std::string field = {};  // a field line that the answer has, too
};

std::string Head(const std::string& line, const std::string& fields = "") {
  return line + "\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n";
}

std::string Post(const std::string& fields, const std::string& content = "{}") {
  return Head("POST /v1/decide HTTP/1.1", "Content-Type: application/json\r\n" + fields) + content;
}

std::string Ask(const std::string& content) {
  return Post("Content-Length: " + std::to_string(content.size()) + "\r\n", content);
}

constexpr char kInvalid[] = "INVALID_ARGUMENT";
constexpr char kExhausted[] = "RESOURCE_EXHAUSTED";
constexpr char kUnimplemented[] = "UNIMPLEMENTED";
constexpr char kLate[] = "DEADLINE_EXCEEDED";

std::vector<Row> Rows() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"AnotherPath", Head("GET / HTTP/1.1"), 404, "NOT_FOUND"},
      {"APathBelow", Head("GET /v1/policy/ HTTP/1.1"), 404, "NOT_FOUND"},
      {"AnotherPathWithContent", Head("POST /v1/guess HTTP/1.1", "Content-Length: 2\r\n") + "{}",
       404, "NOT_FOUND"},
      {"AnAuthority", Head("CONNECT localhost:1 HTTP/1.1"), 404, "NOT_FOUND"},
      {"AnotherMethod", Head("GET /v1/decide HTTP/1.1"), 405, kUnimplemented, "Allow: POST"},
      {"AnUnknownMethod", Head("BREW /v1/follow HTTP/1.1"), 405, kUnimplemented, "Allow: POST"},
      {"AMethodOfTheOtherPaths", Head("DELETE /v1/policy HTTP/1.1"), 405, kUnimplemented,
       "Allow: GET, HEAD"},
      {"APreflight", Head("OPTIONS /v1/openapi.json HTTP/1.1", "Origin: https://a.example\r\n"),
       405, kUnimplemented, "Allow: GET, HEAD"},
      {"NotJson", Head("POST /v1/decide HTTP/1.1", "Content-Length: 2\r\n") + "{}", 415, kInvalid,
       "Accept: application/json"},
      {"NoMessage", Ask("{"), 400, kInvalid},
      {"WrongFields", Ask("{}"), 400, kInvalid},
      {"AnUnknownIntent", Ask(R"({"request": {"method": "GET"}, "intent_name": "nobody"})"), 404,
       "NOT_FOUND"},
      {"NoLength", Post("", ""), 411, kInvalid},
      {"TwoLengths", Post("Content-Length: 2\r\nContent-Length: 3\r\n"), 400, kInvalid},
      {"TooMuch", Post("Content-Length: 70000\r\n", ""), 413, kExhausted},
      {"TooMuchInChunks", Post(chunked, "20000\r\n"), 413, kExhausted},
      {"AChunkThatIsNone", Post(chunked, "zz\r\n"), 400, kInvalid},
      {"ALongLineOfAChunk", Post(chunked, "2;a=" + std::string(50000, 'b')), 431, kExhausted},
      {"AnUnknownCoding", Post("Transfer-Encoding: gzip\r\n"), 501, kUnimplemented},
      {"AForeignHost", "GET /v1/policy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, kInvalid},
      {"NoHost", "GET /v1/policy HTTP/1.1\r\n\r\n", 400, kInvalid},
      {"AFoldedLine", Head("GET /v1/policy HTTP/1.1", "X: a\r\n b\r\n"), 400, kInvalid},
      {"ALargeHead", Head("GET /v1/policy HTTP/1.1", "X: " + std::string(20000, 'a') + "\r\n"), 431,
       kExhausted},
      {"ALongTarget", Head("GET /" + std::string(20000, 'a') + " HTTP/1.1"), 431, kExhausted},
      {"ALaterVersion", Head("GET /v1/policy HTTP/2.0"), 400, kInvalid},
      {"ThePrefaceOfHttp2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, kInvalid},
      {"Http09", "GET /v1/policy\r\n", 400, kInvalid},
      {"NoRequestLine", "\x16\x03\x01\x02 a TLS client\r\n\r\n", 400, kInvalid},
      {"ABareLineFeed", "GET /v1/policy HTTP/1.1\nHost: localhost\n\n", 400, kInvalid},
      {"AHeadThatDoesNotCome", "GET /v1/policy HTTP/1.1\r\nHost: lo", 408, kLate},
      {"ContentThatDoesNotCome", Post("Content-Length: 9\r\nX: waits\r\n"), 408, kLate},
      {"AnExpectationThatIsNone", Post("Expect: tea\r\nContent-Length: 2\r\n"), 400, kInvalid},
  };
}

class HttpErrors : public ::testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() {
    daemon_ = new Daemon({"--http-listen", "127.0.0.1:0", "--max-message-size", "64KiB",
                          "--handshake-timeout", "1s"});
  }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }
  static Daemon* daemon_;
};
Daemon* HttpErrors::daemon_ = nullptr;

TEST_P(HttpErrors, AreJson) {
  const Row& row = GetParam();
  const HttpResponse response = Exchange(daemon_->http_address(), row.octets);
  EXPECT_EQ(response.status, row.status) << response.body;
  EXPECT_THAT(response.fields,
              AllOf(HasSubstr("Content-Type: application/json\r\n"),
                    HasSubstr("Content-Length: " + std::to_string(response.body.size()) + "\r\n"),
                    HasSubstr("Cache-Control: no-store\r\n"),
                    HasSubstr(row.field.empty() ? "" : row.field + "\r\n")));
  const auto answer = nlohmann::json::parse(response.body, nullptr, false);
  ASSERT_EQ(answer.size(), 1U) << response.body;
  EXPECT_EQ(answer["error"]["code"], row.code);
  EXPECT_FALSE(answer["error"]["message"].get<std::string>().empty());
}

INSTANTIATE_TEST_SUITE_P(Rows, HttpErrors, ::testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

// RFC 9110 §9.3.2: its client takes no content, so the rest would begin the next answer.
TEST(HttpErrorsOfHead, HaveNoContent) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  for (const auto& [octets, status] : std::vector<std::pair<std::string, int>>{
           {Head("HEAD / HTTP/1.1"), 404},
           {Head("HEAD /v1/decide HTTP/1.1"), 405},
           {Head("HEAD /v1/policy HTTP/1.1", "Host: b\r\n"), 400},
           {Head("HEAD /v1/policy HTTP/1.1", "X: a\r\n b\r\n"), 400},
           {Head("HEAD /v1/policy HTTP/1.1", "X : a\r\n"), 400},
           {Head("HEAD /v1/policy HTTP/2.0"), 400},
           {"HEAD /v1/policy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421}}) {
    const HttpResponse response = Exchange(daemon.http_address(), octets);
    EXPECT_EQ(response.status, status) << octets;
    EXPECT_THAT(response.fields, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_EQ(response.body, "") << octets;
  }
}

}  // namespace
}  // namespace fingerpost::testing
