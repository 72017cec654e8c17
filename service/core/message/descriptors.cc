#include "core/message/descriptors.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "fingerpost/v1/policy.pb.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace fingerpost::message {
namespace {

template <typename... Messages>
bool AreMade() {
  const auto has = [](const google::protobuf::Descriptor* message) {
    return google::protobuf::MessageFactory::generated_factory()->GetPrototype(message) != nullptr;
  };
  return (has(Messages::descriptor()) && ...);
}

}  // namespace

// One message of each file.
bool MakeDescriptors() {
  return AreMade<google::protobuf::Duration, google::protobuf::Timestamp, v1::Error,
                 v1::ReportUsageRequest, v1::DecideRequest, v1::FollowRequest, v1::HttpRequest,
                 v1::Intent, v1::Policy, v1::BatchDecideRequest>();
}

}  // namespace fingerpost::message
