// Requests whose end is in doubt: what a proxy in front takes for the content of one, this server
// must not take for the next (RFC 9112 §11.2). One row, one refusal, and the connection ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "server/daemon.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kBody[] =
    R"({"request": {"method": "GET", "url": "https://shop.example/"}, "intent": {"purpose": "gone"}})";

struct Row {
  std::string name;
  std::string citation;
  std::string fields;  // beside Host and Content-Type
  std::string content;
  int status;
  std::string target = "/v1/decide";
  std::string version = "1.1";
  std::string host = "Host: localhost\r\n";
};

std::string Length() { return std::to_string(sizeof kBody - 1); }

std::string Chunked(const std::string& size_line, const std::string& end) {
  return size_line + "\r\n" + kBody + end;
}

std::string Many(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += "X-" + std::to_string(i) + ": a\r\n";
  return fields;
}

std::vector<Row> Rows() {
  const std::string length = "Content-Length: " + Length() + "\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  char size[8];
  std::snprintf(size, sizeof size, "%zx", sizeof kBody - 1);
  const std::string end = "\r\n0\r\n\r\n";
  return {
      {"ALengthIsRead", "RFC 9112 §6.2", length, kBody, 200},
      {"ChunksAreRead", "RFC 9112 §7.1", chunked, Chunked(size, end), 200},
      {"AnAbsoluteTargetIsTaken", "RFC 9112 §3.2.2", length, kBody, 200, "http://HERE/v1/decide"},
      {"TwoLengths", "RFC 9112 §6.3", length + "Content-Length: 5\r\n", kBody, 400},
      {"TwoEqualLengths", "RFC 9112 §6.3", length + length, kBody, 400},
      {"AListOfLengths", "RFC 9112 §6.3", "Content-Length: " + Length() + ", 5\r\n", kBody, 400},
      {"ASignedLength", "RFC 9110 §8.6", "Content-Length: +" + Length() + "\r\n", kBody, 400},
      {"AHexadecimalLength", "RFC 9110 §8.6", "Content-Length: 0x10\r\n", kBody, 400},
      {"LengthAndChunks", "RFC 9112 §6.1", length + chunked, Chunked(size, end), 400},
      {"AnUnknownCoding", "RFC 9112 §6.1", "Transfer-Encoding: identity\r\n", kBody, 501},
      {"ChunksInHttp10", "RFC 9112 §6.1", chunked, Chunked(size, end), 400, "/v1/decide", "1.0"},
      {"NoLength", "RFC 9110 §15.5.12", "", kBody, 411},
      {"AFoldedLine", "RFC 9112 §5.2", "X: a\r\n b\r\n" + length, kBody, 411},
      {"NoHost", "RFC 9112 §3.2", length, kBody, 400, "/v1/decide", "1.1", ""},
      {"AForeignHost", "RFC 9110 §15.5.20", length, kBody, 421, "/v1/decide", "1.1",
       "Host: evil.example\r\n"},
      {"TwoHosts", "RFC 9112 §3.2", length + "Host: b\r\n", kBody, 400},
      {"MoreFieldsThanAreKept", "RFC 6585 §5", Many(100) + length, kBody, 431},
      {"AChunkThatIsNone", "RFC 9112 §7.1", chunked, Chunked("zz", end), 400},
      {"AChunkThatDoesNotEnd", "RFC 9112 §7.1", chunked, Chunked(size, "XX0\r\n\r\n"), 400},
  };
}

class HttpFraming : public ::testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() { daemon_ = new Daemon({"--http-listen", "127.0.0.1:0"}); }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }
  static Daemon* daemon_;
};
Daemon* HttpFraming::daemon_ = nullptr;

TEST_P(HttpFraming, AnswersOnce) {
  const Row& row = GetParam();
  const std::string& address = daemon_->http_address();
  std::string target = row.target;
  if (const size_t at = target.find("HERE"); at != std::string::npos)
    target.replace(at, 4, address);
  // Whatever the server takes for a second request would be answered, too.
  const HttpResponse response = Exchange(
      address, "POST " + target + " HTTP/" + row.version + "\r\n" + row.host +
                   (row.status == 200 ? "Connection: close\r\n" : "") +
                   "Content-Type: application/json\r\n" + row.fields + "\r\n" + row.content);
  EXPECT_EQ(response.status, row.status) << row.citation << '\n' << response.body;
  if (row.status == 200) return;
  EXPECT_THAT(response.fields, HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(response.body.find("HTTP/1.1"), std::string::npos) << response.body;
}

INSTANTIATE_TEST_SUITE_P(Rows, HttpFraming, ::testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

// It would hold its thread for as long as it likes.
TEST(HttpLinger, OfARefusedClientThatGoesOnIsBounded) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const auto start = std::chrono::steady_clock::now();
  TrickleOn(daemon.http_address(),
            "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Content-Length: 100000000\r\n\r\n",
            " ", std::chrono::milliseconds(100));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, std::chrono::milliseconds(1900)) << "an answer on its way is not reset";
  EXPECT_LT(took, std::chrono::seconds(6));
}

}  // namespace
}  // namespace fingerpost::testing
