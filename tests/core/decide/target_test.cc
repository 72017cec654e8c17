#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

TEST(Query, Modes) {
  struct Case {
    std::string mode, target, location;
  };
  const std::vector<Case> cases = {
      {"QUERY_MODE_UNSPECIFIED", "/x?a=1#f", "/x?a=1#f"},
      {"QUERY_MODE_DROP", "/x", "/x"},
      {"QUERY_MODE_KEEP", "/x#f", "/x?a=2&b=%26&utm_x=3&a=4#f"},
      {"QUERY_MODE_KEEP", "/x?#f", "/x?#f"},
      {"QUERY_MODE_KEEP", "/x?c", "/x?c"},
      {"QUERY_MODE_MERGE_TARGET_WINS", "/x?a=1&c=5#f", "/x?a=1&c=5&b=%26&utm_x=3#f"},
      {"QUERY_MODE_MERGE_TARGET_WINS", "/x?%61=1", "/x?%61=1&b=%26&utm_x=3"},
      {"QUERY_MODE_MERGE_REQUEST_WINS", "/x?a=1&c=5#f", "/x?c=5&a=2&b=%26&utm_x=3&a=4#f"},
      {"QUERY_MODE_APPEND", "/x?a=1#f", "/x?a=1&a=2&b=%26&utm_x=3&a=4#f"},
  };
  for (const Case& test : cases) {
    const auto answer = Ask(
        "request { method: 'POST' url: 'https://a.test/?a=2&b=%26&utm_x=3&a=4' } intent { purpose: "
        "PURPOSE_TEMPORARY_MOVE target: '" +
        test.target + "' query { mode: " + test.mode + " } }");
    EXPECT_EQ(FieldOf(answer, "Location"), test.location) << test.mode;
  }
  const auto filtered = Ask(
      "request { method: 'POST' url: 'https://a.test/?a=2&utm_x=3&utm=4&ref=5' } intent { purpose: "
      "PURPOSE_TEMPORARY_MOVE target: '/x' query { mode: QUERY_MODE_KEEP allowed_names: 'utm_*' "
      "allowed_names: 'ref' } }");
  EXPECT_EQ(FieldOf(filtered, "Location"), "/x?utm_x=3&ref=5");
}

}  // namespace
}  // namespace fingerpost::decide
