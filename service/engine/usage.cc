#include "engine/usage.h"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <limits>
#include <new>

#include "policy/count/without_secrets.h"

namespace fingerpost::engine {
namespace {

namespace count = policy::count;
using google::protobuf::Arena;
using google::protobuf::RepeatedPtrField;

// The limits of v1::ReportUsageRequest. The octets leave room for what a caller adds: its agent.
constexpr size_t kMostOctets = 1'000'000;
constexpr size_t kMostEntries = 20'000;
constexpr uint64_t kMostHits = uint64_t{1} << 32;

constexpr size_t kLongestMethod = 64;
constexpr size_t kLongestUrl = 2048;

uint64_t Bounded(uint64_t hits) { return std::min(hits, kMostHits); }

// 0: unknown, as for the counters.
int64_t SecondOf(const v1::DecideRequest& question) {
  return std::clamp<int64_t>(question.now().seconds(), 0, std::numeric_limits<uint32_t>::max());
}

template <typename Entry>
void SetLast(Entry& entry, int64_t second) {
  if (second != 0) entry.mutable_last()->set_seconds(second);
}

}  // namespace

// A report that grows to its limits. In an arena, which survives a lack of memory.
class Usage::Report {
 public:
  explicit Report(Arena& arena) : message_(*Arena::CreateMessage<v1::ReportUsageRequest>(&arena)) {}

  [[nodiscard]] v1::ReportUsageRequest& message() { return message_; }
  [[nodiscard]] bool is_empty() const { return entries_ == 0; }

  // Fills a new entry of the list, unless there is no room for it.
  template <typename Entry, typename Fill>
  void Add(RepeatedPtrField<Entry>* list, Fill fill) {
    if (is_full_) return;
    Entry& entry = *list->Add();
    fill(entry);
    constexpr size_t kTagAndLength = 4;
    const size_t octets = octets_ + entry.ByteSizeLong() + kTagAndLength;
    if (octets > kMostOctets || entries_ == kMostEntries) {
      is_full_ = true;
      list->RemoveLast();
      return;
    }
    octets_ = octets;
    ++entries_;
  }

  // An entry for each outcome. Only that of the last hit knows when it was.
  void AddHits(RepeatedPtrField<v1::HitUsage>* list, const count::HitCounter& counter) {
    const count::HitCounts counts = counter.Read();
    for (size_t i = 0; i < count::kOutcomes; ++i) {
      if (counts.by_outcome[i] == 0) continue;
      Add(list, [&](v1::HitUsage& entry) {
        entry.set_name(counts.name);
        entry.set_outcome(static_cast<v1::Outcome>(i));
        entry.set_hits(Bounded(counts.by_outcome[i]));
        if (entry.outcome() != counts.last_outcome) return;
        SetLast(entry, counts.last);
        entry.set_last_status(counts.last_status);
      });
    }
  }

 private:
  v1::ReportUsageRequest& message_;
  size_t octets_ = 0;
  size_t entries_ = 0;
  bool is_full_ = false;
};

Usage::Usage(const policy::compiled::Snapshot& snapshot)
    : snapshot_(snapshot), tally_(snapshot, nullptr, lasting_, 0) {}

void Usage::Count(const Answer& answer) noexcept {
  answers_.Decided(answer.decision);
  tally_.Count(answer.matched, answer.decision, answer.question->request().url(),
               SecondOf(*answer.question));
}

void Usage::Sample(const v1::DecideRequest& question, const v1::DecideResponse& answer) noexcept {
  auto& room = room_for_samples_[answer.outcome() == v1::OUTCOME_REFUSE ? 0 : 1];
  if (room.load(std::memory_order_relaxed) == 0) return;
  try {
    Arena arena;
    auto& sample = *Arena::CreateMessage<v1::DecisionSample>(&arena);
    auto& request = *sample.mutable_request();
    auto& http = *request.mutable_request();
    if (question.request().method().size() <= kLongestMethod) {
      http.set_method(question.request().method());
    }
    http.set_url(count::WithoutSecrets(question.request().url(), kLongestUrl));
    if (question.has_intent_name()) request.set_intent_name(question.intent_name());
    if (question.has_intent()) {
      request.mutable_intent()->set_purpose(question.intent().purpose());
    }
    auto& response = *sample.mutable_response();
    response.set_outcome(answer.outcome());
    response.set_status(answer.status());
    response.mutable_reason()->set_code(answer.reason().code());
    response.set_rule(answer.rule());
    *response.mutable_shadow_rules() = answer.shadow_rules();
    std::string octets = sample.SerializeAsString();
    const std::lock_guard lock(sampling_);
    if (room.load(std::memory_order_relaxed) == 0) return;
    samples_.push_back(std::move(octets));
    room.fetch_sub(1, std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    // The answer is worth more than the sample.
  }
}

int Usage::Take(Reply reply) {
  const std::lock_guard lock(taking_);
  Arena arena;
  Report report(arena);
  Write(report);
  if (report.is_empty()) return reply.WriteNothing();
  report.message().set_policy_version(snapshot_.version);
  const int status = reply.Write(FINGERPOST_OK, report.message());
  if (status == FINGERPOST_OK) Subtract(report.message());
  return status;
}

// The short lists first.
void Usage::Write(Report& report) const {
  v1::ReportUsageRequest& to = report.message();
  for (const count::DecisionCount& decision : answers_.Decisions()) {
    report.Add(to.mutable_decisions(), [&](v1::DecisionUsage& entry) {
      entry.set_outcome(decision.outcome);
      entry.set_purpose(decision.purpose);
      entry.set_status(decision.status);
      entry.set_reason(decision.reason);
      entry.set_hits(Bounded(decision.count));
    });
  }
  for (const count::FollowCount& follow : answers_.Follows()) {
    report.Add(to.mutable_follows(), [&](v1::FollowUsage& entry) {
      entry.set_stop(follow.stop);
      entry.set_hits(Bounded(follow.count));
    });
  }
  to.set_misses(Bounded(lasting_.misses.all()));
  for (const count::MissSample::Miss& miss : lasting_.misses.Sampled()) {
    report.Add(to.mutable_sampled_misses(), [&](v1::MissUsage& entry) {
      entry.set_url(miss.url);
      entry.set_hits(Bounded(miss.seen));
      SetLast(entry, miss.last);
    });
  }
  WriteSamples(report);
  report.AddHits(to.mutable_rules(), lasting_.https);
  report.AddHits(to.mutable_rules(), lasting_.canonical);
  for (const auto& rule : tally_.rules()) report.AddHits(to.mutable_rules(), *rule);
  for (const auto& rule : tally_.shadow()) report.AddHits(to.mutable_shadow_rules(), *rule);
  for (const auto& intent : tally_.intents()) report.AddHits(to.mutable_intents(), *intent);
  for (const auto& map : tally_.maps()) report.AddHits(to.mutable_maps(), *map);
  WriteRows(report);
}

void Usage::WriteSamples(Report& report) const {
  const std::lock_guard lock(sampling_);
  for (const std::string& octets : samples_) {
    report.Add(report.message().mutable_samples(),
               [&](v1::DecisionSample& entry) { (void)entry.ParseFromString(octets); });
  }
}

// From where the report before ended, so that each row has its turn.
void Usage::WriteRows(Report& report) const {
  for (const bool is_before : {false, true}) {
    for (size_t map = 0; map < tally_.maps().size(); ++map) {
      tally_.rows()[map].ForEach([&](const count::RowCounts::Row& row) {
        if ((RowPlace{map, row.line} < first_row_) != is_before) return;
        report.Add(report.message().mutable_rows(), [&](v1::RowUsage& entry) {
          entry.set_map(tally_.maps()[map]->name());
          entry.set_line(row.line);
          entry.set_hits(Bounded(row.hits));
          SetLast(entry, row.last);
        });
      });
    }
  }
}

// Needs no memory: the caller has the report.
void Usage::Subtract(const v1::ReportUsageRequest& report) {
  for (const v1::DecisionUsage& entry : report.decisions()) {
    answers_.Subtract({entry.outcome(), entry.purpose(), entry.status(), entry.reason()},
                      entry.hits());
  }
  for (const v1::FollowUsage& entry : report.follows()) {
    answers_.Subtract(entry.stop(), entry.hits());
  }
  lasting_.misses.Subtract(report.misses());
  for (const v1::MissUsage& entry : report.sampled_misses()) {
    lasting_.misses.Subtract(entry.url(), entry.hits());
  }
  for (const v1::HitUsage& entry : report.rules()) {
    tally_.FindRule(entry.name())->Subtract(entry.outcome(), entry.hits());
  }
  for (const v1::HitUsage& entry : report.shadow_rules()) {
    tally_.FindShadow(entry.name())->Subtract(entry.outcome(), entry.hits());
  }
  for (const v1::HitUsage& entry : report.intents()) {
    tally_.FindIntent(entry.name())->Subtract(entry.outcome(), entry.hits());
  }
  for (const v1::HitUsage& entry : report.maps()) {
    tally_.maps()[*tally_.FindMap(entry.name())]->Subtract(entry.outcome(), entry.hits());
  }
  for (const v1::RowUsage& entry : report.rows()) {
    const size_t map = *tally_.FindMap(entry.map());
    tally_.rows()[map].Subtract(entry.line(), entry.hits());
    first_row_ = {map, entry.line() + 1};
  }
  ForgetSamples(static_cast<size_t>(report.samples_size()));
}

// The first ones.
void Usage::ForgetSamples(size_t samples) {
  const std::lock_guard lock(sampling_);
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(samples));
  if (!samples_.empty()) return;
  for (auto& room : room_for_samples_) room.store(kSamples, std::memory_order_relaxed);
}

}  // namespace fingerpost::engine
