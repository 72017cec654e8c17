#include "core/http/request.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

namespace fingerpost::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A message, and the result of reading it.
class Reading {
 public:
  explicit Reading(const std::string& text, const RequestLimits& limits = {})
      : message_(Parsed(text)), request(ReadRequest(message_, limits, faults_)) {}

  void Require(std::string_view why) { RequireUrl(request, why, faults_); }
  [[nodiscard]] std::vector<std::string> Faults() const {
    std::vector<std::string> faults;
    for (const message::Fault& fault : faults_.list()) {
      faults.push_back(ToString(fault.path) + ": " + fault.what);
    }
    return faults;
  }

 private:
  static v1::HttpRequest Parsed(const std::string& text) {
    v1::HttpRequest message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
    return message;
  }

  v1::HttpRequest message_;
  message::Faults faults_;

 public:
  Request request;
};

TEST(Request, TheUrlIsItsOwnTargetUriUnlessItHasMore) {
  const Reading plain("method: 'GET' url: 'HTTPS://a.test/x?q'");
  EXPECT_THAT(plain.Faults(), IsEmpty());
  EXPECT_EQ(plain.request.url(), plain.request.target_uri()) << "not parsed, not copied again";
  EXPECT_EQ(plain.request.url()->get_href(), "https://a.test/x?q");

  const Reading more("method: 'GET' url: 'https://u:p@a.test/x|y#f'");
  EXPECT_EQ(more.request.url()->get_href(), "https://u:p@a.test/x|y#f");
  EXPECT_EQ(more.request.target_uri()->get_href(), "https://a.test/x%7Cy");
}

TEST(Request, AnAbsentUrlIsAFaultOnlyWhereItIsNeeded) {
  Reading reading("method: 'GET'");
  EXPECT_THAT(reading.Faults(), IsEmpty());
  EXPECT_EQ(reading.request.url(), nullptr);
  EXPECT_FALSE(reading.request.has_bad_url());
  reading.Require("required by x");
  EXPECT_THAT(reading.Faults(), ElementsAre("request.url: required by x"));

  Reading bad("method: 'GET' url: 'mailto:a@b.test'");
  bad.Require("required by x");
  EXPECT_THAT(bad.Faults(), ElementsAre("request.url: expected an absolute http or https URL"));
  EXPECT_EQ(bad.request.url(), nullptr);
  EXPECT_EQ(bad.request.target_uri(), nullptr);
  EXPECT_TRUE(bad.request.has_bad_url());
}

TEST(Request, FaultsAreInTheOrderOfTheMessage) {
  Reading reading("protocol: 99 headers { name: 'a b' raw_value: '\\n' } body: 98");
  reading.Require("required by x");
  EXPECT_THAT(reading.Faults(),
              ElementsAre(StartsWith("request.method: "), "request.url: required by x",
                          "request.protocol: not a value of this version: 99",
                          StartsWith("request.headers[0].name: "),
                          StartsWith("request.headers[0].raw_value: "),
                          "request.body: not a value of this version: 98"));
}

TEST(Request, AUrlThatIsMissingIsToldAmongMoreFaultsThanAreReported) {
  std::string text = "method: 'GET'";
  for (size_t i = 0; i < message::Faults::kMostOfQuestion + 6; ++i)
    text += " headers { name: 'a b' }";
  Reading reading(text);
  reading.Require("required by x");
  const std::vector<std::string> faults = reading.Faults();
  ASSERT_EQ(faults.size(), message::Faults::kMostOfQuestion);
  EXPECT_EQ(faults.front(), "request.url: required by x");
  EXPECT_THAT(faults.back(), StartsWith("request.headers[62].name: "));
}

TEST(Request, TighterLimitsHaveTheSameWords) {
  const std::string text =
      "method: 'GET' url: 'https://a.test/' headers { name: 'x' value: '12345' } "
      "headers { name: 'y' raw_value: '123456' }";
  EXPECT_THAT(Reading(text, {.max_field_length = 5, .max_url_length = 14}).Faults(),
              ElementsAre("request.url: at most 14 octets, got 15",
                          "request.headers[1].raw_value: at most 5 octets, got 6"));
  EXPECT_THAT(Reading(text, {.max_fields = 1}).Faults(),
              ElementsAre("request.headers: at most 1 fields, got 2"));
  EXPECT_THAT(
      Reading(text, {.max_fields = 2, .max_field_length = 6, .max_url_length = 15}).Faults(),
      IsEmpty());
}

}  // namespace
}  // namespace fingerpost::http
