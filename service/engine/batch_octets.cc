#include "engine/batch_octets.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

#include "fingerpost/v1/redirect_service.pb.h"

namespace fingerpost::engine {
namespace {

using google::protobuf::io::CodedOutputStream;
using Wire = google::protobuf::internal::WireFormatLite;

// The fields of DecideResult and FollowResult, and of what has many of them.
constexpr int kResponse = v1::DecideResult::kResponseFieldNumber;
constexpr int kError = v1::DecideResult::kErrorFieldNumber;
constexpr int kResults = v1::BatchDecideResponse::kResultsFieldNumber;
static_assert(kResponse == v1::FollowResult::kResponseFieldNumber &&
              kError == v1::FollowResult::kErrorFieldNumber &&
              kResults == v1::BatchFollowResponse::kResultsFieldNumber);

constexpr uint32_t Tag(int field) { return Wire::MakeTag(field, Wire::WIRETYPE_LENGTH_DELIMITED); }

}  // namespace

bool BatchOctets::Add(int field, const google::protobuf::MessageLite& message) {
  constexpr size_t kLongestHead = 12;  // Two tags and two lengths.
  const size_t size = message.ByteSizeLong();
  if (octets_.size() + size + kLongestHead > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return false;
  }
  const auto length = static_cast<uint32_t>(size);
  uint8_t head[kLongestHead];
  uint8_t* end = CodedOutputStream::WriteTagToArray(Tag(kResults), head);
  end = CodedOutputStream::WriteVarint32ToArray(
      static_cast<uint32_t>(CodedOutputStream::VarintSize32(Tag(field)) +
                            CodedOutputStream::VarintSize32(length)) +
          length,
      end);
  end = CodedOutputStream::WriteTagToArray(Tag(field), end);
  end = CodedOutputStream::WriteVarint32ToArray(length, end);
  octets_.append(head, end);
  const size_t at = octets_.size();
  octets_.resize(at + size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(octets_.data() + at));
  return true;
}

bool BatchOctets::AddResponse(const google::protobuf::MessageLite& response) {
  return Add(kResponse, response);
}

bool BatchOctets::AddError(const google::protobuf::MessageLite& error) {
  return Add(kError, error);
}

}  // namespace fingerpost::engine
