#include "server/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>

namespace fingerpost {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kListening = "Listening";
constexpr std::string_view kLifeCycle = "Life cycle";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kLogs = "Logs";

struct Unit {
  std::string_view name;
  int64_t factor;
};
constexpr std::array kSizes = {Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}, Unit{"", 1}};
constexpr std::array kTimes = {Unit{"h", 3'600'000}, Unit{"ms", 1}, Unit{"m", 60'000},
                               Unit{"s", 1000}, Unit{"", 1000}};

// A whole number with one of `units` behind it.
template <size_t N>
std::optional<int64_t> ParseWithUnit(std::string_view text, const std::array<Unit, N>& units) {
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || number < 0 || number > std::numeric_limits<int>::max()) return {};
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  const auto unit =
      std::find_if(units.begin(), units.end(), [rest](const Unit& u) { return u.name == rest; });
  if (unit == units.end()) return {};
  return number * unit->factor;
}

// With the largest unit that divides it.
template <size_t N>
std::string ShowWithUnit(int64_t value, const std::array<Unit, N>& units) {
  const Unit* best = nullptr;
  for (const Unit& unit : units) {
    const bool divides = value % unit.factor == 0 && (value != 0 || unit.factor == 1000);
    if (divides && (best == nullptr || unit.factor > best->factor)) best = &unit;
  }
  return best == nullptr ? std::to_string(value)
                         : fmt::format("{}{}", value / best->factor, best->name);
}

std::string ShowSize(int64_t value) { return value == 0 ? "0" : ShowWithUnit(value, kSizes); }
std::string ShowTime(Duration value) { return ShowWithUnit(value.count(), kTimes); }

std::optional<std::string> Set(const Switch& kind, std::string_view text, Settings& settings) {
  if (text != "true" && text != "false") return "true or false";
  settings.*kind.member = text == "true";
  return {};
}

std::optional<std::string> Set(const Text& kind, std::string_view text, Settings& settings) {
  settings.*kind.member = std::string(text);
  return {};
}

std::optional<std::string> Set(const Choice& kind, std::string_view text, Settings& settings) {
  if (std::find(kind.values.begin(), kind.values.end(), text) == kind.values.end()) {
    return fmt::format("one of {}", fmt::join(kind.values, ", "));
  }
  settings.*kind.member = std::string(text);
  return {};
}

std::optional<std::string> Set(const Number& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, std::array{Unit{"", 1}});
  if (!value || *value < kind.least || *value > kind.most) {
    return fmt::format("a number from {} to {}", kind.least, kind.most);
  }
  settings.*kind.member = static_cast<int>(*value);
  return {};
}

std::optional<std::string> Set(const Size& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, kSizes);
  if (!value || *value < kind.least || *value > kind.most) {
    return fmt::format("a size from {} to {}", ShowSize(kind.least), ShowSize(kind.most));
  }
  settings.*kind.member = static_cast<int>(*value);
  return {};
}

std::optional<std::string> Set(const Time& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, kTimes);
  if (!value || *value < kind.least.count() || *value > kind.most.count()) {
    return fmt::format("a duration from {} to {}", ShowTime(kind.least), ShowTime(kind.most));
  }
  settings.*kind.member = Duration(*value);
  return {};
}

std::string ShowMember(const Switch& k, const Settings& s) {
  return s.*k.member ? "true" : "false";
}
std::string ShowMember(const Text& k, const Settings& s) { return s.*k.member; }
std::string ShowMember(const Choice& k, const Settings& s) { return s.*k.member; }
std::string ShowMember(const Number& k, const Settings& s) { return std::to_string(s.*k.member); }
std::string ShowMember(const Size& k, const Settings& s) { return ShowSize(s.*k.member); }
std::string ShowMember(const Time& k, const Settings& s) { return ShowTime(s.*k.member); }

}  // namespace

const std::vector<Definition>& Definitions() {
  using S = Settings;
  static const std::vector<Definition> definitions = {
      {"listen", kListening, "HOST:PORT", Text{&S::listen},
       "Where gRPC is served; port 0 takes a free one; unix:PATH is a socket",
       "Only this machine can reach it, so that a first start is safe."},
      {"insecure", kListening, "", Switch{&S::insecure},
       "Serve plaintext on an address that other machines reach",
       "Whoever sends requests in the clear over a network has to say so."},
      {"port-file", kListening, "FILE", Text{&S::port_file},
       "Write the port to FILE once it is listened on", "For scripts that use port 0."},
      {"reflection", kListening, "WHEN", Choice{&S::reflection, {"loopback", "always", "never"}},
       "Server reflection (v1alpha): loopback, always or never",
       "Tools find the API on a developer's machine; nobody maps it from outside."},

      {"drain-delay", kLifeCycle, "TIME", Time{&S::drain_delay, 0ms, 5min},
       "After SIGTERM: serve on while load balancers see NOT_SERVING; 0s on loopback and on SIGINT",
       "Kubernetes takes a few seconds to take a pod out of its endpoints."},
      {"drain-timeout", kLifeCycle, "TIME", Time{&S::drain_timeout, 0ms, 1h},
       "After the delay: how long calls in progress may take",
       "Together with the delay below the 30 s that Kubernetes grants."},

      {"threads", kLimits, "N", Number{&S::threads, 0, 256},
       "Threads that answer calls; 0: one for each CPU",
       "An answer never waits for anything, so more threads than CPUs only cost."},
      {"max-message-size", kLimits, "SIZE", Size{&S::max_message_size, 1024, 64 << 20},
       "Largest request message; a larger one is RESOURCE_EXHAUSTED",
       "A batch of 1024 ordinary requests has 0.3 MiB."},
      {"max-batch", kLimits, "N", Number{&S::max_batch, 1, 65536},
       "Most requests in one batch or stream message; more are INVALID_ARGUMENT",
       "1024 decisions take about a millisecond: no other caller notices."},
      {"max-calls", kLimits, "N", Number{&S::max_calls, 1, 1'000'000},
       "Most calls in progress, streams included; one more is RESOURCE_EXHAUSTED at once",
       "A call in progress holds a few KiB; 10000 bound them to tens of MiB."},

      {"log-level", kLogs, "LEVEL",
       Choice{&S::log_level, {"trace", "debug", "info", "warning", "error", "off"}},
       "Least level that is logged", "One line for each event that an operator wants to know."},
      {"log-format", kLogs, "FORMAT", Choice{&S::log_format, {"text", "json"}},
       "text for people, json for machines; on standard error",
       "The first reader of a log is a person at a terminal."},
  };
  return definitions;
}

std::string VariableName(const Definition& definition) {
  std::string name = "FINGERPOST_";
  for (const char c : definition.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string Show(const Definition& definition, const Settings& settings) {
  return std::visit([&](const auto& kind) { return ShowMember(kind, settings); }, definition.kind);
}

std::optional<std::string> Apply(const Definition& definition, std::string_view text,
                                 Settings& settings) {
  return std::visit([&](const auto& kind) { return Set(kind, text, settings); }, definition.kind);
}

}  // namespace fingerpost
