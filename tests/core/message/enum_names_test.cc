#include "core/message/enum_names.h"

#include <gmock/gmock.h>

#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::message {
namespace {

TEST(EnumNames, AreShort) {
  EXPECT_EQ(ShortEnumName(v1::PURPOSE_FORM_RESULT), "form_result");
  EXPECT_EQ(ShortEnumName(v1::PROTOCOL_HTTP_1_0), "http_1_0");
  EXPECT_EQ(ShortEnumName(static_cast<v1::Purpose>(999)), "999");
}

// Each value of each enum of the API is found by its own short name, and by no other's.
TEST(EnumNames, AreUnambiguous) {
  for (const auto* file :
       {v1::DecideRequest::descriptor()->file(), v1::FollowRequest::descriptor()->file(),
        v1::Error::descriptor()->file(), v1::HttpRequest::descriptor()->file()}) {
    ASSERT_GT(file->enum_type_count(), 0);
    for (int e = 0; e < file->enum_type_count(); ++e) {
      const auto& type = *file->enum_type(e);
      for (int v = 0; v < type.value_count(); ++v) {
        EXPECT_EQ(FindEnumValue(type, ShortEnumName(*type.value(v))), type.value(v));
        EXPECT_EQ(FindEnumValue(type, type.value(v)->name()), type.value(v));
      }
    }
  }
}

}  // namespace
}  // namespace fingerpost::message
