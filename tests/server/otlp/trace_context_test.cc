// W3C Trace Context: only what is valid is a parent.
#include "server/otlp/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fingerpost {
namespace {

constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kSpan[] = "b7ad6b7169203331";

std::string Of(const std::string& flags, const std::string& version = "00") {
  return version + '-' + kTrace + '-' + kSpan + '-' + flags;
}

// §3.2.2.
TEST(TraceParent, HasTraceSpanAndTheBitForSampled) {
  const auto parent = ParseTraceParent(Of("01"));
  ASSERT_TRUE(parent);
  EXPECT_EQ(ToHex(parent->trace), kTrace);
  EXPECT_EQ(ToHex(parent->span), kSpan);
  EXPECT_EQ(ToText(*parent), Of("01"));
  for (const char* sampled : {"01", "03", "ff", "81"}) {
    EXPECT_TRUE(ParseTraceParent(Of(sampled))->sampled) << sampled;
  }
  for (const char* not_sampled : {"00", "02", "fe", "80"}) {
    EXPECT_FALSE(ParseTraceParent(Of(not_sampled))->sampled) << not_sampled;
  }
}

// §3.2.4: of a later version, what this one knows.
TEST(TraceParent, OfALaterVersionIsRead) {
  for (const std::string& later : {Of("01", "01"), Of("01", "cc") + "-what-comes-later"}) {
    EXPECT_TRUE(ParseTraceParent(later)) << later;
  }
}

TEST(TraceParent, ThatIsNotValidIsNone) {
  const std::string trace = kTrace;
  const std::string span = kSpan;
  const std::string zeros(32, '0');
  for (const std::string& wrong :
       std::vector<std::string>{"",
                                "00",
                                "00-" + trace,
                                Of(""),
                                Of("0"),
                                Of("0g"),
                                Of("0G"),
                                Of("01", "ff"),
                                Of("01", "0x"),
                                Of("01") + "-more",
                                Of("01") + " ",
                                " " + Of("01"),
                                Of("01", "cc") + "x",
                                "00-" + zeros + "-" + span + "-01",
                                "00-" + trace + "-" + zeros.substr(16) + "-01",
                                "00-0AF7651916CD43DD8448EB211C80319C-" + span + "-01",
                                "00-" + trace + "-B7AD6B7169203331-01",
                                "00_" + trace + "-" + span + "-01",
                                Of("01") + "," + Of("01"),
                                std::string(55, '\0'),
                                std::string(55, '-'),
                                std::string(100'000, '0')}) {
    EXPECT_FALSE(ParseTraceParent(wrong)) << wrong.substr(0, 100);
  }
}

// §3.3.
TEST(TraceState, IsPassedOnIfItIsPrintableAndNotLong) {
  EXPECT_EQ(TraceState("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
            "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
  EXPECT_EQ(TraceState(std::string(512, 'a')), std::string(512, 'a'));
  for (const std::string& wrong :
       {std::string(513, 'a'), std::string("a=\xff"), std::string("a=\n"), std::string("a=\x7f")}) {
    EXPECT_EQ(TraceState(wrong), "");
  }
}

}  // namespace
}  // namespace fingerpost
