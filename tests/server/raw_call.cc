#include "server/raw_call.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace fingerpost::testing {

RawCall::RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const std::string& message)
    : stub_(channel) {
  context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  // A first attempt to connect may fail on a busy machine.
  context_.set_wait_for_ready(true);
  call_ = stub_.PrepareCall(&context_, method, &queue_);
  call_->StartCall(this);
  if (!Next()) return;
  const grpc::Slice slice(message);
  call_->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), this);
  (void)Next();
}

RawCall::~RawCall() {
  if (call_ != nullptr) {
    context_.TryCancel();
    (void)Finish();
  }
}

bool RawCall::Next() {
  void* tag = nullptr;
  bool ok = false;
  return queue_.Next(&tag, &ok) && ok;
}

std::optional<std::string> RawCall::Read() {
  grpc::ByteBuffer buffer;
  call_->Read(&buffer, this);
  if (!Next()) return std::nullopt;
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return std::nullopt;
  for (const auto& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

grpc::Status RawCall::Finish() {
  while (Read()) {
  }
  grpc::Status status;
  call_->Finish(&status, this);
  (void)Next();
  call_ = nullptr;
  return status;
}

namespace {

template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status parsed;
  if (!parsed.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : parsed.details()) {
    if (Detail detail; any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> WrongFields(const grpc::Status& status) {
  std::vector<std::string> fields;
  if (const auto detail = DetailOf<google::rpc::BadRequest>(status)) {
    for (const auto& violation : detail->field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

std::string ReasonOf(const grpc::Status& status) {
  const auto detail = DetailOf<google::rpc::ErrorInfo>(status);
  return detail ? detail->reason() : "";
}

bool HasRetryInfo(const grpc::Status& status) {
  const auto detail = DetailOf<google::rpc::RetryInfo>(status);
  return detail && detail->retry_delay().nanos() > 0;
}

// Field 1, length-delimited.
std::string HealthRequest(const std::string& service) {
  return std::string("\x0a") + static_cast<char>(service.size()) + service;
}

// Field 1, varint; absent is 0.
Health HealthOf(const std::string& response) {
  return response.size() == 2 && response[0] == 8 ? static_cast<Health>(response[1])
                                                  : Health::kUnknown;
}

}  // namespace fingerpost::testing
