#include "policy_stats.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "counted.h"
#include "exit_code.h"
#include "http_client.h"
#include "output.h"
#include "text_table.h"

namespace fingerpost::cli {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostContent = size_t{64} << 20;  // ten times that of the largest policy

// https and canonical, the policy's defaults, which no author has to remove.
constexpr size_t kDefaultRules = 2;

uint64_t HitsOf(const Json& entry) { return entry.at("hits").get<uint64_t>(); }

std::string Share(uint64_t part, uint64_t whole) {
  if (whole == 0) return "";
  return absl::StrFormat("%.1f %%", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string Time(const Json& time) { return time.is_null() ? "never" : time.get<std::string>(); }

// The entries that were hit, the most hits first.
std::vector<Json> MostHit(const Json& entries) {
  std::vector<Json> hit;
  for (const Json& entry : entries) {
    if (HitsOf(entry) > 0) hit.push_back(entry);
  }
  std::stable_sort(hit.begin(), hit.end(),
                   [](const Json& a, const Json& b) { return HitsOf(a) > HitsOf(b); });
  return hit;
}

// With a blank line before it.
std::string Section(const TextTable& table) {
  const std::string text = table.Text();
  return text.empty() ? "" : "\n" + text;
}

std::string Entries(const Json& entries, const char* name, uint64_t questions) {
  TextTable table({{name}, {"hits", true}, {"share", true}, {"refused", true}, {"last hit"}});
  for (const Json& entry : MostHit(entries)) {
    table.Add({entry.at(name).get<std::string>(), absl::StrCat(HitsOf(entry)),
               Share(HitsOf(entry), questions),
               absl::StrCat(entry.at("outcomes").value("refuse", uint64_t{0})),
               Time(entry.at("last_hit"))});
  }
  return Section(table);
}

std::string NeverHit(const Json& rules) {
  std::vector<std::string> names;
  for (size_t i = kDefaultRules; i < rules.size(); ++i) {
    if (HitsOf(rules[i]) == 0) names.push_back(rules[i].at("rule").get<std::string>());
  }
  if (names.empty()) return {};
  return absl::StrCat("\n", Counted(names.size(), "rule"),
                      " never hit: ", Harmless(absl::StrJoin(names, ", ")), "\n");
}

std::string Shadow(const Json& entries) {
  TextTable table({{"rule in shadow mode"}, {"hits", true}, {"would have answered"}, {"last hit"}});
  for (const Json& entry : entries) {
    std::vector<std::string> answers;
    for (const auto& [outcome, count] : entry.at("outcomes").items()) {
      answers.push_back(absl::StrCat(outcome, " ", count.get<uint64_t>()));
    }
    const Json& last = entry.at("last_answer");
    const int status = last.is_null() ? 0 : last.at("status").get<int>();
    table.Add({entry.at("rule").get<std::string>(), absl::StrCat(HitsOf(entry)),
               absl::StrCat(absl::StrJoin(answers, ", "),
                            status == 0 ? "" : absl::StrCat("; last ", status)),
               Time(entry.at("last_hit"))});
  }
  return Section(table);
}

std::string Maps(const Json& entries, uint64_t questions) {
  TextTable table({{"map"}, {"hits", true}, {"share", true}, {"rows hit", true}, {"last hit"}});
  for (const Json& entry : entries) {
    table.Add({entry.at("map").get<std::string>(), absl::StrCat(HitsOf(entry)),
               Share(HitsOf(entry), questions), absl::StrCat(entry.value("rows_hit", uint64_t{0})),
               Time(entry.at("last_hit"))});
  }
  return Section(table);
}

std::string Rows(const Json& rows) {
  TextTable table({{"row"}, {"hits", true}, {"last hit"}, {"source"}});
  for (const Json& row : rows) {
    table.Add({row.at("row").get<std::string>(), absl::StrCat(HitsOf(row)),
               Time(row.at("last_hit")), row.at("source").get<std::string>()});
  }
  return Section(table);
}

std::string Misses(const Json& misses, uint64_t questions) {
  const auto count = misses.at("count").get<uint64_t>();
  if (count == 0) return {};
  TextTable table({{"missed, a sample"}, {"seen", true}, {"last"}});
  for (const Json& miss : misses.at("sampled")) {
    table.Add({miss.at("url").get<std::string>(), absl::StrCat(miss.at("seen").get<uint64_t>()),
               Time(miss.at("last_seen"))});
  }
  return absl::StrCat("\n", Counted(count, "miss"), ", ", Share(count, questions), "\n",
                      table.Text());
}

std::string Tables(const Json& stats) {
  const auto questions = stats.at("questions").get<uint64_t>();
  return absl::StrCat("policy ", Harmless(stats.at("policy_version").get<std::string>()), ", ",
                      Counted(questions, "question"), " of this replica since ",
                      Harmless(Time(stats.at("since"))), "\n",
                      Entries(stats.at("rules"), "rule", questions), NeverHit(stats.at("rules")),
                      Shadow(stats.at("shadow")), Entries(stats.at("intents"), "intent", questions),
                      Maps(stats.at("maps"), questions), Rows(stats.at("top_rows")),
                      Misses(stats.at("misses"), questions));
}

// "127.0.0.1:9090" or "http://127.0.0.1:9090/"
std::string UrlOf(std::string address, int rows) {
  while (address.ends_with('/')) address.pop_back();
  const bool has_scheme = address.find("://") != address.npos;
  return absl::StrCat(has_scheme ? "" : "http://", address, "/stats?rows=", rows);
}

}  // namespace

message::Result<std::string> ShowStats(const std::string& json) {
  const Json stats = Json::parse(json, nullptr, false);
  if (stats.is_discarded()) return message::Unexpected("the answer is not JSON");
  try {
    return Tables(stats);
  } catch (const Json::exception& error) {
    return message::Unexpected(absl::StrCat("the answer has another form: ", error.what()));
  }
}

StatsCommand::StatsCommand(CLI::App& app) : app_(app) {
  app.add_option("ADDRESS", address_, "The server's --admin-listen")->capture_default_str();
  app.add_option("--rows", rows_, "How many rows of maps, those with the most hits")
      ->check(CLI::Range(0, 10'000))
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--timeout", seconds_, "Seconds to wait for the answer")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str()
      ->type_name("S");
  app.add_flag("--json", json_, "The server's JSON, with every rule");
  app.footer(
      "Every replica counts for itself, since its start; a reload keeps the counts of rules with\n"
      "the same id and of rows with the same source.");
}

int StatsCommand::Run() const {
  const auto timeout = std::chrono::milliseconds(static_cast<int64_t>(seconds_ * 1000));
  v1::HttpRequest request;
  request.set_method("GET");
  request.set_url(UrlOf(address_, rows_));
  Transport transport;
  transport.proxy = "";  // The admin port is of the own network.
  transport.most_content = kMostContent;
  transport.content_wait = timeout;
  HttpClient client(std::move(transport));
  Exchange exchange;
  if (const auto sent = client.Send(request, "", timeout, exchange); !sent) {
    Complain(absl::StrCat(address_, ": ", sent.error()));
    return kNoServer;
  }
  if (exchange.response.status() != 200) {
    Complain(absl::StrCat(address_, ": answered ", exchange.response.status(),
                          "; expected the address of a server's --admin-listen"));
    return kNoServer;
  }
  if (json_) return Print(exchange.content) ? kAnswered : kInputOutput;
  const auto text = ShowStats(exchange.content);
  if (!text) {
    Complain(absl::StrCat(address_, ": ", text.error()));
    return kNoServer;
  }
  return Print(*text) ? kAnswered : kInputOutput;
}

}  // namespace fingerpost::cli
