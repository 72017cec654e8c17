// Requests with an ambiguous end: this server must not treat as the next request what a proxy
// treats as content (RFC 9112 §11.2). Each row is refused, and the connection ends.
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

std::string Long(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += "X: " + std::string(1000, 'a') + "\r\n";
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
      {"AFoldedLine", "RFC 9112 §5.2", "X: a\r\n b\r\n" + length, kBody, 400},
      {"NoHost", "RFC 9112 §3.2", length, kBody, 400, "/v1/decide", "1.1", ""},
      {"AForeignHost", "RFC 9110 §15.5.20", length, kBody, 421, "/v1/decide", "1.1",
       "Host: evil.example\r\n"},
      {"TwoHosts", "RFC 9112 §3.2", length + "Host: b\r\n", kBody, 400},
      {"MoreFieldsThanAreKept", "RFC 6585 §5", Many(100) + length, kBody, 431},
      {"CodingAndLength", "RFC 9112 §6.1", chunked + length, Chunked(size, end), 400},
      {"TwoCodings", "RFC 9112 §6.1", chunked + chunked, Chunked(size, end), 400},
      {"AListOfCodings", "RFC 9112 §6.1", "Transfer-Encoding: gzip, chunked\r\n",
       Chunked(size, end), 501},
      {"ChunkedIsNotLast", "RFC 9112 §6.3", "Transfer-Encoding: chunked, identity\r\n",
       Chunked(size, end), 501},
      {"AnEmptyLength", "RFC 9110 §8.6", "Content-Length:\r\n", kBody, 400},
      {"ALengthThatOverflows", "RFC 9110 §8.6", "Content-Length: 18446744073709551617\r\n", kBody,
       400},
      {"EqualLengthsInAList", "RFC 9112 §6.3",
       "Content-Length: " + Length() + ", " + Length() + "\r\n", kBody, 400},
      {"ASpaceBeforeTheColon", "RFC 9112 §5.1", "Content-Length : " + Length() + "\r\n", kBody,
       400},
      {"ASpaceBeforeTheName", "RFC 9112 §2.2", " X: a\r\n" + length, kBody, 400},
      {"AFoldedEmptyLine", "RFC 9112 §5.2", "X:\r\n\tb\r\n" + length, kBody, 400},
      {"ABareLineFeed", "RFC 9112 §2.2", "X: a\nY: b\r\n" + length, kBody, 400},
      {"ABareCarriageReturn", "RFC 9112 §2.2", "X: a\rY: b\r\n" + length, kBody, 400},
      {"ANul", "RFC 9110 §5.5", std::string("X: a\0b\r\n", 8) + length, kBody, 400},
      {"ANameWithoutColon", "RFC 9112 §5", "X\r\n" + length, kBody, 400},
      {"ALaterMajorVersion", "RFC 9110 §2.5", length, kBody, 400, "/v1/decide", "2.0"},
      {"AForeignHostInTheTarget", "RFC 9112 §3.2.2", length, kBody, 421,
       "http://evil.example/v1/decide"},
      {"AHeadThatIsTooLarge", "RFC 6585 §5", "X: " + std::string(20000, 'a') + "\r\n" + length,
       kBody, 431},
      {"ManyLinesThatAreTooLarge", "RFC 6585 §5", Long(30) + length, kBody, 431},
      {"AChunksExtensionIsIgnored", "RFC 9112 §7.1.1", chunked,
       Chunked(std::string(size) + ";a=\"b\"", end), 200},
      {"AnExtensionWithALineFeed", "RFC 9112 §7.1.1", chunked,
       Chunked(std::string(size) + ";a=\"\n\"", end), 400},
      {"AnExtensionWithoutEnd", "RFC 9112 §7.1.1", chunked,
       std::string(size) + ";a=" + std::string(50000, 'b'), 431},
      {"AChunkSizeWithABareLineFeed", "RFC 9112 §2.2", chunked,
       std::string(size) + "\n" + kBody + end, 400},
      {"AChunkSizeThatOverflows", "RFC 9112 §7.1", chunked,
       Chunked("1000000000000000" + std::string(size), end), 400},
      {"ASignedChunkSize", "RFC 9112 §7.1", chunked, Chunked("+" + std::string(size), end), 400},
      {"ATrailerIsNoField", "RFC 9110 §6.5.1", chunked,
       Chunked(size, "\r\n0\r\nContent-Type: text/plain\r\n\r\n"), 200},
      {"ATrailerWithALength", "RFC 9110 §6.5.1", chunked,
       Chunked(size, "\r\n0\r\nContent-Length: 5\r\n\r\n"), 400},
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
  // A second request would be answered, too.
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

// Old clients send an uncounted line break after their content (RFC 9112 §2.2).
TEST(HttpFramingLines, AnEmptyLineBeforeARequestIsIgnored) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  EXPECT_EQ(Exchange(daemon.http_address(),
                     "\r\nGET /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .status,
            405);
}

// The apparent folded line is content.
TEST(HttpFramingLines, AHeadMayComeInPieces) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const std::string content = "{\r\n \"request\": {\r\n \"method\": \"GET\"}}";
  const KeptAlive connection(daemon.http_address());
  connection.Send(
      "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(content.size()) + "\r\n");
  EXPECT_FALSE(connection.Waits(std::chrono::milliseconds(200)));
  connection.Send("\r\n" + content);
  EXPECT_THAT(connection.ReadAll(), HasSubstr("request.url"));
}

// It could hold its connection as long as it likes.
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
