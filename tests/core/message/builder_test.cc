#include "core/message/builder.h"

#include <gmock/gmock.h>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::message {
namespace {

TEST(Builder, GivesThePositionOfAFault) {
  v1::DecideRequest request;
  Faults faults;
  Builder builder(request, faults);
  builder.At({.line = 3, .column = 1});
  builder.BeginObject();
  builder.At({.line = 7, .column = 5});
  builder.Key("explain");
  builder.Text("yes");
  builder.EndObject();
  ASSERT_EQ(faults.errors(), 1);
  EXPECT_EQ(faults.list()[0].position.line, 7);
  EXPECT_EQ(faults.list()[0].position.column, 5);
}

}  // namespace
}  // namespace fingerpost::message
