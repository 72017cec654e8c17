// What a hostile party can send costs time linear in its size.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "core/fields.h"
#include "core/follow.h"
#include "core/follow_testing.h"

namespace fingerpost {
namespace {

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
TEST(Cost, AHostileLocationCostsLinearTime) {
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

TEST(Cost, HostileFieldsCostLinearTime) {
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
