#include "rpc/policy_watch.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "core/message/visible_text.h"
#include "rpc/answerers.h"
#include "rpc/call_pool.h"
#include "rpc/call_report.h"
#include "rpc/error_status.h"
#include "rpc/guarded.h"
#include "rpc/redirect_service.h"

namespace fingerpost {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;
using policy::compiled::Selector;
using Text = PolicyNews::Text;

constexpr int kWaiting = 4;
// Shares the octets with every other message that has them.
grpc::Slice Shared(const Text& octets) {
  const auto release = [](void* owner) { delete static_cast<Text*>(owner); };
  // A slice never writes.
  return {const_cast<char*>(octets->data()), octets->size(), release, new Text(octets)};
}

// A WatchPolicyResponse. `policy` may be null.
grpc::ByteBuffer Response(const std::string& version, const Text& policy, const Text& problems) {
  v1::WatchPolicyResponse beginning;
  beginning.set_version(version);
  std::string octets = beginning.SerializeAsString();
  if (policy != nullptr) {
    google::protobuf::io::StringOutputStream out(&octets);
    CodedOutputStream coded(&out);
    coded.WriteTag(WireFormatLite::MakeTag(v1::WatchPolicyResponse::kPolicyFieldNumber,
                                           WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
    coded.WriteVarint64(policy->size());
  }
  std::vector<grpc::Slice> slices = {grpc::Slice(octets)};
  if (policy != nullptr) slices.push_back(Shared(policy));
  if (!problems->empty()) slices.push_back(Shared(problems));
  return {slices.data(), slices.size()};
}

grpc::Status TooMany(int most) {
  return ToStatus(
      MakeError(v1::ERROR_REASON_OVERLOADED,
                "Too many watch the policy here; at most " + std::to_string(most) + " may."));
}

grpc::Status TooLargeToHandOut(size_t octets) {
  return ToStatus(MakeError(v1::ERROR_REASON_OVERLOADED,
                            "The policy has " + std::to_string(octets) +
                                " octets, and a message at most " + std::to_string(kMostHandedOut) +
                                "; watch a part of it (selector)."));
}

// One watch: the policy that answers, and each change until the client leaves or the server drains.
// A client that does not read costs no more than one message, which the budget counts, and not for
// longer than an answer may wait.
class WatchCall final : public LongCall, private Wait {
 public:
  struct Setup {
    AsyncPolicyService* service;
    PolicyNews* news;
    int most_watchers;
    absl::flat_hash_set<WatchCall*>* watches;  // of this worker
  };
  using Pool = CallPool<WatchCall, Setup>;

  explicit WatchCall(Pool& pool)
      : pool_(pool),
        report_(pool.gate, Method::kWatchPolicy),
        accepted_(*this, &WatchCall::OnAccepted),
        written_(*this, &WatchCall::OnWritten),
        finished_(*this, &WatchCall::OnFinished),
        gone_(*this, &WatchCall::OnGone),
        share_(pool.gate.budget) {}

  void Listen() {
    context_.emplace();
    context_->AsyncNotifyWhenDone(&gone_);
    writer_.emplace(&*context_);
    told_ = writing_ = finishing_ = finish_over_ = client_gone_ = false;
    auto& queue = pool_.worker.queue();
    pool_.setup.service->RequestWatchPolicy(&*context_, &octets_, &*writer_, &queue, &queue,
                                            &accepted_);
  }

  // Tells what is new. `form`: what was made since it was asked for, perhaps for another watch.
  void Update(const PolicyNews::Form* form = nullptr) {
    if (writing_ || finishing_ || client_gone_ || pool_.worker.closed()) return;
    if (pool_.worker.draining()) return Finish(ShuttingDown());
    const grpc::Status status = Guarded([&] { return Tell(form); });
    if (!status.ok()) Finish(status);
  }

  void Drain() override { Update(); }

  [[nodiscard]] bool Wants(const PolicyNews::Form& form) const {
    return selector_ != nullptr && selector_->key() == form.selector->key();
  }

 private:
  void OnAccepted(bool ok) {
    if (!ok || pool_.worker.closed()) return pool_.Recycle(this);  // The server stops.
    pool_.Listen();
    pool_.worker.Add(*this);
    report_.Start();
    report_.Received();
    if (auto* asked = pool_.gate.AskedBy(*context_)) Traffic::Asked(*asked, octets_.Length());
    const grpc::Status refusal = Guarded([&] { return Begin(); });
    octets_.Clear();
    if (!refusal.ok()) return Finish(refusal);
    pool_.setup.watches->insert(this);
    Update();
  }

  // Reads the question; OK if it may be answered.
  grpc::Status Begin() {
    const size_t size = octets_.Length();
    if (grpc::Status refusal = Refusal(*context_, pool_.gate, true); !refusal.ok()) return refusal;
    PolicyNews* news = pool_.setup.news;
    if (news == nullptr) {
      return ToStatus(MakeError(v1::ERROR_REASON_NOT_IMPLEMENTED, "No policy is handed out here."));
    }
    is_counted_ = true;
    if (news->watchers.fetch_add(1, std::memory_order_relaxed) >= pool_.setup.most_watchers) {
      return TooMany(pool_.setup.most_watchers);
    }
    grpc::Status admitted = pool_.gate.Admit(share_, size, pool_.worker);
    if (!admitted.ok()) return admitted;
    v1::WatchPolicyRequest request;
    if (!Read(request)) return Undecodable();
    message::Faults faults;
    selector_ = std::make_shared<const Selector>(request.selector(), "selector.hosts",
                                                 "selector.intents", faults);
    message::CheckVisible(request.known_version(), "known_version", faults);
    if (!faults.empty()) return ToStatus(ToError(faults));
    version_ = request.known_version();
    share_.Settle(kCallOctets);
    return share_.Add(static_cast<int64_t>(selector_->memory())) ? grpc::Status::OK
                                                                 : ToStatus(NoRoom(share_));
  }

  bool Read(v1::WatchPolicyRequest& request) {
    std::vector<grpc::Slice> slices;
    std::string question;
    if (!octets_.Dump(&slices).ok()) return true;  // It is empty.
    for (const grpc::Slice& slice : slices) {
      question.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return request.ParseFromString(question);
  }

  grpc::Status Tell(const PolicyNews::Form* form) {
    PolicyNews& news = *pool_.setup.news;
    const PolicyNews::News now = news.Now();
    const bool is_new = now.policy->version() != version_;
    if (told_ && !is_new && *now.problems == *problems_) return grpc::Status::OK;
    Text octets;
    if (is_new) {
      const bool is_this = form != nullptr && form->policy == now.policy && Wants(*form);
      octets = is_this ? form->octets : news.Find(now.policy, selector_);
      if (octets == nullptr) return grpc::Status::OK;  // It follows.
      if (octets->size() > kMostHandedOut) return TooLargeToHandOut(octets->size());
      outgoing_ = news.outgoing().Hold(octets);
      if (outgoing_ == nullptr) return ToStatus(OutgoingTexts::NoRoom());
    }
    const grpc::ByteBuffer response = Response(now.policy->version(), octets, now.problems);
    version_ = now.policy->version();
    problems_ = now.problems;
    told_ = writing_ = true;
    report_.Sent();
    if (is_new) news.sent_to_watchers.fetch_add(1, std::memory_order_relaxed);
    pool_.worker.watches().Add(*this, std::chrono::steady_clock::now());
    writer_->Write(response, &written_);
    return grpc::Status::OK;
  }

  void OnWritten(bool /*ok*/) {
    Over();
    writing_ = false;
    outgoing_.reset();
    Update();
    LeaveIfOver();
  }

  void Finish(const grpc::Status& status) {
    if (pool_.worker.closed()) return;
    finishing_ = true;
    Report(status);
    pool_.worker.watches().Add(*this, std::chrono::steady_clock::now());
    writer_->Finish(status, &finished_);
  }

  void Report(const grpc::Status& status) const {
    report_.Finish(*context_, status,
                   {.question = v1::WatchPolicyRequest::default_instance(),
                    .answer = nullptr,
                    .questions = 0});
  }

  void OnFinished(bool /*ok*/) {
    Over();
    finish_over_ = true;
    LeaveIfOver();
  }

  // The client has cancelled, or the status has reached it.
  void OnGone(bool /*ok*/) {
    client_gone_ = true;
    LeaveIfOver();
  }

  // Called when the client does not take what it was told.
  void GiveUp(Why /*why*/) override {
    pool_.gate.timed_out.fetch_add(1, std::memory_order_relaxed);
    context_->TryCancel();
  }

  void LeaveIfOver() {
    if (!client_gone_ || writing_ || (finishing_ && !finish_over_)) return;
    if (!finishing_) Report(grpc::Status::OK);
    Over();
    pool_.worker.Remove(*this);
    pool_.setup.watches->erase(this);
    if (std::exchange(is_counted_, false)) {
      pool_.setup.news->watchers.fetch_sub(1, std::memory_order_relaxed);
    }
    share_.Settle(0);
    outgoing_.reset();
    selector_.reset();
    problems_.reset();
    std::string().swap(version_);  // clear() keeps the memory.
    // Also frees what gRPC holds for the call: an unread message.
    writer_.reset();
    context_.reset();
    pool_.Recycle(this);
  }

  Pool& pool_;
  CallReport report_;
  EventFor<WatchCall> accepted_;
  EventFor<WatchCall> written_;
  EventFor<WatchCall> finished_;
  EventFor<WatchCall> gone_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncWriter<grpc::ByteBuffer>> writer_;
  grpc::ByteBuffer octets_;  // of the question
  Share share_;
  PolicyNews::SelectorPtr selector_;
  std::shared_ptr<const void> outgoing_;  // the octets that are being written
  std::string version_;                   // what the client has
  Text problems_;                         // what it knows, if told_
  bool is_counted_ = false;               // among the watchers
  bool told_ = false;                     // the first message was sent
  bool writing_ = false;
  bool finishing_ = false;
  bool finish_over_ = false;
  bool client_gone_ = false;
};

}  // namespace

// The part of one worker.
class PolicyWatch::OnWorker {
 public:
  OnWorker(const PolicyWatch& watch, Worker& worker)
      : worker_(worker),
        pool_(worker, watch.gate_,
              {&watch.service_, watch.news_, watch.most_watchers_, &watches_}) {
    for (int i = 0; i < kWaiting; ++i) pool_.Listen();
  }

  void Changed(const std::shared_ptr<const PolicyNews::Form>& form) {
    worker_.Post([this, form] {
      const auto watches = watches_;  // Update() may remove watches.
      for (WatchCall* watch : watches) {
        if (form == nullptr || watch->Wants(*form)) watch->Update(form.get());
      }
    });
  }

 private:
  Worker& worker_;
  absl::flat_hash_set<WatchCall*> watches_;
  WatchCall::Pool pool_;
};

PolicyWatch::PolicyWatch(AsyncPolicyService& service, PolicyNews* news, int most_watchers,
                         CallGate& gate)
    : service_(service), news_(news), most_watchers_(most_watchers), gate_(gate) {}

PolicyWatch::~PolicyWatch() { Stop(); }

void PolicyWatch::Listen(Worker& worker) {
  workers_.push_back(std::make_unique<OnWorker>(*this, worker));
}

void PolicyWatch::Start() {
  if (news_ == nullptr) return;
  news_->Start([this](const std::shared_ptr<const PolicyNews::Form>& form) {
    for (auto& worker : workers_) worker->Changed(form);
  });
}

void PolicyWatch::Stop() {
  if (news_ != nullptr) news_->Stop();
}

}  // namespace fingerpost
