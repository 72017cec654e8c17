#include "core/message/builder.h"

#include <gmock/gmock.h>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::message {
namespace {

TEST(Builder, GivesTheLineOfAFault) {
  v1::DecideRequest request;
  Builder builder(request);
  builder.At(3);
  builder.BeginObject();
  builder.At(7);
  builder.Key("explain");
  builder.Text("yes");
  builder.EndObject();
  ASSERT_EQ(builder.faults().size(), 1);
  EXPECT_EQ(builder.faults()[0].line, 7);
}

}  // namespace
}  // namespace fingerpost::message
