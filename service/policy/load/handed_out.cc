#include "policy/load/handed_out.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

#include "core/message/json.h"

namespace fingerpost::policy::load {
namespace {

// Maps are in the order of their keys.
std::string Octets(const v1::Policy& policy) {
  std::string octets;
  octets.reserve(policy.ByteSizeLong());
  google::protobuf::io::StringOutputStream out(&octets);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  policy.SerializeToCodedStream(&coded);
  coded.Trim();
  return octets;
}

}  // namespace

std::shared_ptr<const compiled::Document> HandedOut(const v1::Policy& policy) {
  if (!policy.include().empty()) {
    v1::Policy whole = policy;
    whole.clear_include();
    return HandedOut(whole);
  }
  auto document = std::make_shared<compiled::Document>();
  document->octets = Octets(policy);
  message::AppendJson(policy, document->json);
  document->json += '\n';
  document->json.shrink_to_fit();
  return document;
}

}  // namespace fingerpost::policy::load
