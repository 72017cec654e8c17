// octets corpus | mutated SEED COUNT | chains COUNT | replay LIBRARY FILE
//
// The first three write questions and the answers that the service's own core gives; replay asks
// a library the same, and ask.mjs the module. One record is two octets, what was called and its
// status, then the question and the answer, each after its length in four octets, the lowest first.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/follow/random.h"
#include "directories.h"
#include "engine/library.h"
#include "fingerpost/v1/policy.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "golden/corpus.h"
#include "golden/runner.h"
#include "policy/load/loader.h"

namespace {

namespace v1 = fingerpost::v1;
namespace golden = fingerpost::golden;
using fingerpost::engine::testing::Call;
using fingerpost::engine::testing::Library;
using fingerpost::engine::testing::Linked;
using fingerpost::engine::testing::Result;

// What is called. kOpen and kOpenText begin a new policy, if it is a good one; the others ask the
// last one.
enum class Kind : uint8_t { kOpen, kOpenText, kDecide, kFollow, kBatchDecide, kBatchFollow };

struct Record {
  Kind kind{};
  std::string question;
};

// A library and its policy.
class Asked {
 public:
  explicit Asked(const Library& library) : library_(library) {}
  ~Asked() { library_.close(policy_); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  Result Ask(const Record& record) {
    const void* const question = record.question.data();
    const size_t length = record.question.size();
    if (record.kind == Kind::kOpen || record.kind == Kind::kOpenText) return Open(record);
    return Call([&](void* answer, size_t capacity, size_t* size) {
      switch (record.kind) {
        case Kind::kFollow:
          return library_.follow(policy_, question, length, answer, capacity, size);
        case Kind::kBatchDecide:
          return library_.batch_decide(policy_, question, length, answer, capacity, size);
        case Kind::kBatchFollow:
          return library_.batch_follow(policy_, question, length, answer, capacity, size);
        default:
          return library_.decide(policy_, question, length, answer, capacity, size);
      }
    });
  }

 private:
  // One that is refused leaves the last one.
  Result Open(const Record& record) {
    fingerpost_policy* opened = nullptr;
    const Result result = Call([&](void* error, size_t capacity, size_t* size) {
      return record.kind == Kind::kOpen
                 ? library_.open(record.question.data(), record.question.size(), "v7", &opened,
                                 error, capacity, size)
                 : library_.open_text(record.question.data(), record.question.size(), &opened,
                                      error, capacity, size);
    });
    if (opened != nullptr) {
      library_.close(policy_);
      policy_ = opened;
    }
    return result;
  }

  const Library& library_;
  fingerpost_policy* policy_ = nullptr;
};

void WriteText(std::ostream& out, std::string_view text) {
  for (int shift = 0; shift < 32; shift += 8) out.put(static_cast<char>(text.size() >> shift));
  out << text;
}

void Write(const std::vector<Record>& records) {
  Asked core(Linked());
  for (const Record& record : records) {
    const Result result = core.Ask(record);
    std::cout.put(static_cast<char>(record.kind)).put(static_cast<char>(result.status));
    WriteText(std::cout, record.question);
    WriteText(std::cout, result.octets);
  }
}

std::string Get(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

// Takes every question of the corpus.
class Questions : public golden::Transport {
 public:
  std::vector<Record> records;

  std::vector<golden::DecideAnswer> Decide(
      const std::vector<golden::DecideQuestion>& questions) override {
    return Take<golden::DecideAnswer, v1::BatchDecideRequest>(questions, Kind::kDecide,
                                                              Kind::kBatchDecide);
  }
  std::vector<golden::FollowAnswer> Follow(
      const std::vector<golden::FollowQuestion>& questions) override {
    return Take<golden::FollowAnswer, v1::BatchFollowRequest>(questions, Kind::kFollow,
                                                              Kind::kBatchFollow);
  }

 private:
  template <typename Answer, typename Batch, typename Question>
  std::vector<Answer> Take(const std::vector<Question>& questions, Kind one, Kind many) {
    Batch batch;
    for (const Question& question : questions) {
      records.push_back({one, question.message.SerializeAsString()});
      *batch.add_requests() = question.message;
    }
    records.push_back({many, batch.SerializeAsString()});
    return std::vector<Answer>(questions.size());
  }
};

// The question that each rule and each named intent waits for, or nearly.
void AddQuestions(const v1::Policy& policy, std::vector<Record>& records) {
  const auto add = [&](const v1::DecideRequest& question) {
    records.push_back({Kind::kDecide, question.SerializeAsString()});
  };
  v1::DecideRequest question;
  question.mutable_now()->set_seconds(1'790'000'000);
  question.set_draw(7);
  auto& request = *question.mutable_request();
  for (const v1::Rule& rule : policy.rules()) {
    const v1::Match& match = rule.match();
    std::string host = match.hosts().empty() ? "shop.example.com" : match.hosts(0);
    if (const size_t star = host.find('*'); star != std::string::npos) host.replace(star, 1, "a");
    for (const std::string& path :
         {match.path(), match.path_prefix(), match.path_prefix() + "/a?b=c"}) {
      for (const char* method : {"GET", "POST"}) {
        request.set_method(method);
        request.set_url("https://" + host + path);
        add(question);
      }
    }
  }
  for (const auto& [name, intent] : policy.intents()) {
    question.set_intent_name(name);
    for (const auto& [parameter, _] : intent.parameters()) {
      (*question.mutable_parameters())[parameter] = "7";
    }
    add(question);
  }
}

// As many rows as the service hands out.
void AddRows(std::vector<Record>& records) {
  v1::Policy policy;
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  policy.mutable_handed_out()->set_version("v7");
  std::vector<Record> questions;
  for (const char* map : {"a", "b", "c", "d"}) {
    v1::MapFile& file = *policy.add_maps();
    file.set_name(map);
    file.set_file(std::string(map) + ".csv");
    file.set_host(std::string(map) + ".example");
    std::string& rows = (*policy.mutable_handed_out()->mutable_rows())[map];
    rows = "source,target\n";
    for (int row = 0; row < 20'000; ++row) {
      const std::string number = std::to_string(row);
      rows += "/" + number + ",/n\n";
      if (row % 1000 != 7) continue;
      question.mutable_request()->set_url("https://" + file.host() + "/" + number);
      questions.push_back({Kind::kDecide, question.SerializeAsString()});
    }
  }
  records.push_back({Kind::kOpen, policy.SerializeAsString()});
  records.insert(records.end(), questions.begin(), questions.end());
}

std::vector<Record> Corpus() {
  std::vector<Record> records = {{Kind::kOpen, ""}};
  Questions corpus;
  for (const std::string& file : golden::Files()) (void)golden::RunFile(file, corpus);
  records.insert(records.end(), corpus.records.begin(), corpus.records.end());

  const std::filesystem::path root = std::filesystem::path(FINGERPOST_TESTS_DIR).parent_path();
  for (const auto& file : std::filesystem::directory_iterator(root / "service/policy/examples")) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(".yaml") || name.ends_with(".tests.yaml")) continue;
    const std::string text = Get(file.path());
    records.push_back({Kind::kOpenText, text});
    const auto loaded = fingerpost::policy::load::FromText(text, name);
    if (loaded.snapshot == nullptr) continue;  // It has a map.
    AddQuestions(loaded.merged->policy(), records);
    records.push_back({Kind::kOpen, loaded.merged->policy().SerializeAsString()});
    AddQuestions(loaded.merged->policy(), records);
  }
  AddRows(records);
  return records;
}

// Questions of the corpus with a few octets changed, most of them to others of the same kind, so
// that many are messages still.
std::vector<Record> Mutated(uint32_t seed, size_t count) {
  std::vector<Record> corpus = Corpus();
  std::erase_if(corpus, [](const Record& record) { return record.kind == Kind::kOpenText; });
  constexpr std::string_view kOctets = "/:?#@%.&=;,\"\\<>[]{}*-+ \t\r\n\0\x7f\xc3\xa9\xff~aZ09";
  std::mt19937 random(seed);
  const auto below = [&](size_t limit) { return random() % limit; };
  std::vector<Record> records;
  while (records.size() < count) {
    Record record = corpus[below(corpus.size())];
    std::string& octets = record.question;
    for (size_t changes = 1 + below(4); changes > 0 && !octets.empty(); --changes) {
      char& octet = octets[below(octets.size())];
      const bool is_text = octet >= ' ' && octet <= '~';
      if (is_text || below(4) == 0) octet = kOctets[below(kOctets.size())];
    }
    if (below(16) == 0) octets.resize(below(octets.size() + 1));
    if (below(16) == 0) octets += corpus[below(corpus.size())].question;
    records.push_back(std::move(record));
  }
  records.insert(records.begin(), {Kind::kOpen, ""});
  return records;
}

// The questions of the property tests: hostile chains, under every profile.
std::vector<Record> Chains(size_t count) {
  fingerpost::testing::Generator g;
  Asked core(Linked());
  std::vector<Record> records = {{Kind::kOpen, ""}};
  while (records.size() < count) {
    v1::FollowRequest question = fingerpost::testing::FirstQuestion(g);
    question.mutable_options()->set_profile(static_cast<v1::Profile>(1 + g.Below(v1::Profile_MAX)));
    for (int hop = 0; hop < 5; ++hop) {
      records.push_back({Kind::kFollow, question.SerializeAsString()});
      v1::FollowResponse answer;
      const Result result = core.Ask(records.back());
      if (result.status != FINGERPOST_OK || !answer.ParseFromString(result.octets)) break;
      if (answer.has_stop()) break;
      *question.mutable_request() = answer.next();
      *question.mutable_chain() = answer.chain();
      if (g.OneIn(3)) fingerpost::testing::Tamper(g, *question.mutable_chain());
      fingerpost::testing::FillResponse(g, *question.mutable_response());
    }
  }
  return records;
}

uint32_t ReadLength(std::istream& in) {
  uint32_t length = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    length |= static_cast<uint32_t>(static_cast<unsigned char>(in.get())) << shift;
  }
  return length;
}

std::string ReadText(std::istream& in) {
  std::string text(ReadLength(in), '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  return text;
}

// How many answers differ.
int Replay(const char* library, const char* file) {
  const Library loaded = fingerpost::engine::testing::Load(library);
  Asked asked(loaded);
  std::ifstream in(file, std::ios::binary);
  size_t count = 0;
  size_t different = 0;
  for (int kind = in.get(); in; kind = in.get(), ++count) {
    const int status = in.get();
    const std::string question = ReadText(in);
    const std::string answer = ReadText(in);
    const Result result = asked.Ask({static_cast<Kind>(kind), question});
    if (result.status == status && result.octets == answer) continue;
    if (++different <= 3) {
      std::printf("record %zu: expected %d and %zu octets, got %d and %zu\n", count, status,
                  answer.size(), result.status, result.octets.size());
    }
  }
  std::printf("%zu questions, %zu different answers\n", count, different);
  return count == 0 || different > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0] == "corpus") {
    Write(Corpus());
  } else if (arguments.size() == 3 && arguments[0] == "mutated") {
    Write(Mutated(static_cast<uint32_t>(std::stoul(arguments[1])), std::stoul(arguments[2])));
  } else if (arguments.size() == 2 && arguments[0] == "chains") {
    Write(Chains(std::stoul(arguments[1])));
  } else if (arguments.size() == 3 && arguments[0] == "replay") {
    return Replay(argv[2], argv[3]);
  } else {
    std::fputs("usage: octets corpus | mutated SEED COUNT | chains COUNT | replay LIBRARY FILE\n",
               stderr);
    return 2;
  }
  return std::cout.flush() ? 0 : 1;
}
