#include "core/http/date.h"

#include <gmock/gmock.h>

namespace fingerpost::http {
namespace {

TEST(Dates, AllFormsAndLimits) {
  EXPECT_EQ(ParseDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(ParseDate("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(ParseDate("Sun Nov  6 08:49:37 1994"), 784111777);
  EXPECT_EQ(ParseDate("08:49:37 6 november 1994"), 784111777);
  EXPECT_EQ(ParseDate("6 Nov 69 0:0:0"), 3150921600) << "69 is 2069, 70 is 1970";
  EXPECT_EQ(ParseDate("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  EXPECT_EQ(ParseDate("Fri, 29 Feb 2024 23:59:59 GMT"), 1709251199);
  for (const char* bad :
       {"", "soon", "Thu, 29 Feb 2023 00:00:00 GMT", "1 Jan 1600 0:0:0", "1 Jan 2000 24:00:00",
        "1 Jan 2000 0:60:0", "1 Jan 2000 0:0:60", "32 Jan 2000 0:0:0", "1 Jan 2000",
        "1 Jan 20000 0:0:0", "Jan 2000 0:0:0"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace fingerpost::http
