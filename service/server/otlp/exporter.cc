#include "server/otlp/exporter.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string_view>
#include <utility>

#include "policy/document/file.h"
#include "server/code_name.h"
#include "server/failure.h"
#include "version.h"

namespace fingerpost {
namespace {

constexpr int kTries = 4;
constexpr std::chrono::minutes kBetweenLines{1};

// Codes after which a batch is sent again (OTLP 1.x, Failures). RESOURCE_EXHAUSTED is not among
// them: without RetryInfo it is final.
constexpr std::array kTransient = {grpc::CANCELLED,    grpc::DEADLINE_EXCEEDED, grpc::ABORTED,
                                   grpc::OUT_OF_RANGE, grpc::UNAVAILABLE,       grpc::DATA_LOSS};

bool IsTransient(grpc::StatusCode code) {
  return std::find(kTransient.begin(), kTransient.end(), code) != kTransient.end();
}

uint64_t Lost(const SpanCounts& counts) {
  return std::accumulate(counts.begin() + 1, counts.end(), uint64_t{0});
}

// A version 4 UUID (RFC 9562).
std::string MakeInstance() {
  std::random_device random;
  std::array<uint8_t, 16> octets;
  for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
  octets[6] = static_cast<uint8_t>((octets[6] & 0x0f) | 0x40);
  octets[8] = static_cast<uint8_t>((octets[8] & 0x3f) | 0x80);
  std::string text = ToHex(octets);
  for (const size_t dash : {8, 13, 18, 23}) text.insert(dash, "-");
  return text;
}

std::string_view Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string ReadAuthorities(const std::string& path) {
  constexpr uint64_t kMostOctets = 1 << 20;
  const auto text = policy::document::ReadFile(path, kMostOctets);
  if (!text) {
    throw Failure(ExitCode::kFile, fmt::format("--otlp-tls-ca: {} {}", path, text.error()));
  }
  if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    throw Failure(ExitCode::kFile, fmt::format("--otlp-tls-ca: {} has no certificate", path));
  }
  return *text;
}

std::shared_ptr<grpc::Channel> MakeChannel(const SpanExporter::Options& options) {
  const auto credentials =
      options.ca.empty()
          ? grpc::InsecureChannelCredentials()
          : grpc::SslCredentials(
                {.pem_root_certs = options.ca, .pem_private_key = {}, .pem_cert_chain = {}});
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A separate connection.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A collector that is back gets spans within seconds.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  return grpc::CreateCustomChannel(options.endpoint, credentials, arguments);
}

}  // namespace

SpanExporter::SpanExporter(Options options)
    : options_(std::move(options)),
      stub_(opentelemetry::proto::collector::trace::v1::TraceService::NewStub(
          MakeChannel(options_))) {
  waiting_.reserve(kMostWaiting);
  thread_ = std::thread([this] { Run(); });
}

SpanExporter::~SpanExporter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = given_up_ = true;
    if (call_ != nullptr) call_->TryCancel();
  }
  changed_.notify_all();
  thread_.join();
}

void SpanExporter::Add(FinishedCall call) {
  size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closing_ || waiting_.size() == kMostWaiting) {
      Count(SpanResult::kDropped, 1);
      return;
    }
    waiting_.push_back(std::move(call));
    waiting = waiting_.size();
  }
  // Its thread waits for the first span, and then for a whole batch.
  if (waiting == 1 || waiting == kBatch) changed_.notify_all();
}

void SpanExporter::Close() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    closing_ = true;
    end_ = Clock::now() + options_.last_patience;
    changed_.notify_all();
    if (!changed_.wait_until(lock, end_, [this] { return closed_; })) {
      given_up_ = true;
      if (call_ != nullptr) call_->TryCancel();
    }
  }
  changed_.notify_all();
  thread_.join();
}

SpanCounts SpanExporter::counts() const {
  SpanCounts counts{};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = counts_[i];
  return counts;
}

void SpanExporter::Count(SpanResult result, size_t spans) {
  counts_[static_cast<size_t>(result)] += spans;
}

void SpanExporter::Run() {
  Calls calls;
  calls.reserve(kMostWaiting);
  Response ignored;
  Log(Try({}, ignored));  // Whether the endpoint answers.
  while (Take(calls)) {
    for (size_t begin = 0; begin < calls.size(); begin += kBatch) {
      const size_t end = std::min(begin + kBatch, calls.size());
      Send(ToRequest(calls.data() + begin, calls.data() + end), end - begin);
    }
    calls.clear();
  }
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

bool SpanExporter::Take(Calls& calls) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
  changed_.wait_for(lock, options_.delay, [this] { return closing_ || waiting_.size() >= kBatch; });
  std::swap(calls, waiting_);
  return !calls.empty();
}

SpanExporter::Request SpanExporter::ToRequest(const FinishedCall* begin,
                                              const FinishedCall* end) const {
  Request request;
  auto& sender = *request.add_resource_spans();
  *sender.mutable_resource() = options_.resource;
  auto& part = *sender.add_scope_spans();
  part.set_schema_url(kSchemaUrl);
  part.mutable_scope()->set_name("fingerpostd");
  part.mutable_scope()->set_version(kVersion);
  for (; begin != end; ++begin) WriteSpan(*begin, options_.http_scheme, *part.add_spans());
  return request;
}

void SpanExporter::Send(const Request& request, size_t spans) {
  Response response;
  const grpc::Status status = Deliver(request, response);
  Log(status);
  if (!status.ok()) return Count(SpanResult::kFailed, spans);
  const auto rejected = static_cast<size_t>(std::clamp<int64_t>(
      response.partial_success().rejected_spans(), 0, static_cast<int64_t>(spans)));
  Count(SpanResult::kSent, spans - rejected);
  Count(SpanResult::kRejected, rejected);
}

grpc::Status SpanExporter::Deliver(const Request& request, Response& response) {
  grpc::Status status = Try(request, response);
  auto backoff = options_.backoff;
  for (int i = 1; i < kTries && IsTransient(status.error_code()) && Wait(backoff); ++i) {
    status = Try(request, response);
    backoff *= 2;
  }
  return status;
}

grpc::Status SpanExporter::Try(const Request& request, Response& response) {
  grpc::ClientContext context;
  {
    const std::lock_guard lock(mutex_);
    if (given_up_) return {grpc::StatusCode::CANCELLED, "the process ends"};
    context.set_deadline(std::chrono::system_clock::now() + options_.patience);
    call_ = &context;
  }
  grpc::Status status = stub_->Export(&context, request, &response);
  const std::lock_guard lock(mutex_);
  call_ = nullptr;
  return status;
}

bool SpanExporter::Wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return closing_; });
}

void SpanExporter::Log(const grpc::Status& status) {
  const Clock::time_point now = Clock::now();
  if (status.ok()) {
    if (failing_ || !has_answered_) spdlog::info("traces: {} takes spans", options_.endpoint);
    has_answered_ = true;
    failing_ = false;
    return;
  }
  if (failing_ && now < told_ + kBetweenLines) return;
  failing_ = true;
  told_ = now;
  spdlog::warn("traces: {} takes no spans, {} are lost so far: {}: {}", options_.endpoint,
               Lost(counts()), CodeName(status.error_code()), status.error_message());
}

SpanExporter::Options ExporterOptions(const Settings& settings, bool tls) {
  return {.endpoint = settings.otlp_endpoint,
          .ca = settings.otlp_tls_ca.empty() ? "" : ReadAuthorities(settings.otlp_tls_ca),
          .http_scheme = tls ? "https" : "http",
          .resource = MakeResource(Variable("OTEL_SERVICE_NAME"),
                                   Variable("OTEL_RESOURCE_ATTRIBUTES"), MakeInstance())};
}

}  // namespace fingerpost
