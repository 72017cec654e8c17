#include "server/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>

#include "core/http/fields.h"
#include "server/listener.h"

namespace fingerpost {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kListening = "Listening";
constexpr std::string_view kPolicy = "Policy";
constexpr std::string_view kLifeCycle = "Life cycle";
constexpr std::string_view kLimits = "Limits";
constexpr std::string_view kLogs = "Logs";
constexpr std::string_view kTraces = "Traces";

struct Unit {
  std::string_view name;
  int64_t factor;
};
constexpr std::array kSizes = {Unit{"MiB", 1 << 20}, Unit{"KiB", 1 << 10}, Unit{"", 1}};
constexpr std::array kTimes = {Unit{"h", 3'600'000}, Unit{"ms", 1}, Unit{"m", 60'000},
                               Unit{"s", 1000}, Unit{"", 1000}};

// A whole number followed by one of `units`.
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

// Written with the largest unit that divides it.
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

message::Result<void> Set(const Switch& kind, std::string_view text, Settings& settings) {
  if (text != "true" && text != "false") return message::Unexpected("true or false");
  settings.*kind.member = text == "true";
  return {};
}

message::Result<void> Set(const Text& kind, std::string_view text, Settings& settings) {
  settings.*kind.member = std::string(text);
  return {};
}

message::Result<void> Set(const Address& kind, std::string_view text, Settings& settings) {
  const bool is_socket =
      kind.or_socket && text.size() > kSocketScheme.size() && text.starts_with(kSocketScheme);
  if (!is_socket && !IsHostPort(text) && !(kind.or_none && text.empty())) {
    return message::Unexpected(fmt::format("HOST:PORT with a port from 0 to 65535{}",
                                           kind.or_socket ? ", or unix:PATH" : ""));
  }
  settings.*kind.member = std::string(text);
  return {};
}

message::Result<void> Set(const OneOf& kind, std::string_view text, Settings& settings) {
  if (std::find(kind.values.begin(), kind.values.end(), text) == kind.values.end()) {
    return message::Unexpected(fmt::format("one of {}", fmt::join(kind.values, ", ")));
  }
  settings.*kind.member = std::string(text);
  return {};
}

message::Result<void> Set(const Number& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, std::array{Unit{"", 1}});
  if (!value || *value < kind.least || *value > kind.most) {
    return message::Unexpected(fmt::format("a number from {} to {}", kind.least, kind.most));
  }
  settings.*kind.member = static_cast<int>(*value);
  return {};
}

message::Result<void> Set(const Size& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, kSizes);
  if (!value || *value < kind.least || *value > kind.most) {
    return message::Unexpected(
        fmt::format("a size from {} to {}", ShowSize(kind.least), ShowSize(kind.most)));
  }
  settings.*kind.member = static_cast<int>(*value);
  return {};
}

message::Result<void> Set(const Time& kind, std::string_view text, Settings& settings) {
  const auto value = ParseWithUnit(text, kTimes);
  if (!value || *value < kind.least.count() || *value > kind.most.count()) {
    return message::Unexpected(
        fmt::format("a duration from {} to {}", ShowTime(kind.least), ShowTime(kind.most)));
  }
  settings.*kind.member = Duration(*value);
  return {};
}

message::Result<void> Set(const List& kind, std::string_view text, Settings& settings) {
  std::vector<std::string> values;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) values.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  settings.*kind.member = std::move(values);
  return {};
}

std::string ShowMember(const Switch& k, const Settings& s) {
  return s.*k.member ? "true" : "false";
}
std::string ShowMember(const Text& k, const Settings& s) { return s.*k.member; }
std::string ShowMember(const Address& k, const Settings& s) { return s.*k.member; }
std::string ShowMember(const OneOf& k, const Settings& s) { return s.*k.member; }
std::string ShowMember(const Number& k, const Settings& s) { return std::to_string(s.*k.member); }
std::string ShowMember(const Size& k, const Settings& s) { return ShowSize(s.*k.member); }
std::string ShowMember(const Time& k, const Settings& s) { return ShowTime(s.*k.member); }

std::string ShowMember(const List& k, const Settings& s) {
  return fmt::format("{}", fmt::join(s.*k.member, ","));
}

}  // namespace

const std::vector<Definition>& Definitions() {
  using S = Settings;
  static const std::vector<Definition> definitions = {
      {"listen", kListening, "HOST:PORT", Address{&S::listen, true, false},
       "Where gRPC is served; port 0 takes a free one; unix:PATH is a socket",
       "Only this machine can reach it, so that a first start is safe."},
      {"insecure", kListening, "", Switch{&S::insecure},
       "Serve plaintext on an address that other machines reach",
       "Plaintext over a network must be deliberate."},
      {"tls-cert", kListening, "FILE", Text{&S::tls_cert},
       "Serve TLS 1.2 and later with this certificate chain (PEM); read again when it changes",
       "Without one there is no TLS."},
      {"tls-key", kListening, "FILE", Text{&S::tls_key},
       "Private key of --tls-cert (PEM); replace both in one step, as Kubernetes does",
       "As --tls-cert."},
      {"tls-client-ca", kListening, "FILE", Text{&S::tls_client_ca},
       "Require of every client a certificate that one of these authorities (PEM) has signed",
       "Mutual TLS needs to know whom to trust."},
      {"tls-refresh", kListening, "TIME", Time{&S::tls_refresh, 1s, 24h},
       "How often the three files are checked",
       "A replaced certificate is served within seconds, and a check costs nothing."},
      {"allow-caller", kListening, "NAME,...", List{&S::allow_caller},
       "URIs (SPIFFE ids) or other alternative names of the clients that may call; a final * "
       "stands for any rest",
       "Every client with a certificate of the client CA may call, unless this narrows it."},
      {"port-file", kListening, "FILE", Text{&S::port_file},
       "Write the port to FILE once it is listened on", "For scripts that use port 0."},
      {"http-listen", kListening, "HOST:PORT", Address{&S::http_listen, false, true},
       "Serve POST /v1/decide and /v1/follow, JSON in and out, GET /v1/policy and "
       "/v1/openapi.json, and /v1/gateway for gateways, over HTTP/1.1; with --tls-cert over TLS, "
       "to "
       "the same callers as gRPC",
       "Callers with gRPC do not need it."},
      {"http-threads", kListening, "N", Number{&S::http_threads, 0, 256},
       "Threads that answer HTTP/JSON calls; 0: as --threads. Connections have none",
       "An answer never waits for anything."},
      {"gateway-pass", kListening, "STATUS", Number{&S::gateway_pass, 200, 599},
       "The status with which /v1/gateway of --http-listen lets a gateway go on to its backend: "
       "PASS, FORWARD, REFUSE, and requests that cannot be read",
       "Traefik, Caddy and nginx's auth_request go on at every 2xx."},
      {"redirect-listen", kListening, "HOST:PORT", Address{&S::redirect_listen, false, true},
       "Serve a site that answers web clients itself by the policy's rules, and 404 for the rest; "
       "with --redirect-tls-cert over TLS. It passes nothing on to a backend. It has the limits of "
       "--http-listen, and needs no --insecure: web clients may come over plain HTTP",
       "A gateway or a backend asks where there is one."},
      {"redirect-tls-cert", kListening, "FILE,...", List{&S::redirect_tls_cert},
       "Certificate chains (PEM) of the site, one for each host or more: the first that is valid "
       "for the name that the client asks for, else the first; read again when they change",
       "Without one the site has no TLS."},
      {"redirect-tls-key", kListening, "FILE,...", List{&S::redirect_tls_key},
       "Private keys of --redirect-tls-cert (PEM), in the same order", "As --redirect-tls-cert."},
      {"redirect-acme", kListening, "DIR|URL|off", Text{&S::redirect_acme},
       "What answers /.well-known/acme-challenge/TOKEN of the site: the file TOKEN in DIR, of at "
       "most 1 KiB and no link; a redirect to URL/TOKEN; off: the policy's rules. Without it, 404",
       "A rule for every path would send the certificate authority to another host."},
      {"admin-listen", kListening, "HOST:PORT", Address{&S::admin_listen, false, true},
       "Serve /metrics, /stats, /healthz, /readyz and a page for operators; it has no login",
       "The operator decides from where it can be reached."},
      {"allow-host", kListening, "NAME,...", List{&S::allow_host},
       "Names in Host that --http-listen and --admin-listen serve, *.NAME for all below one, "
       "besides addresses, localhost, names without a dot, *.svc and *.cluster.local; others get "
       "421. /v1/gateway answers for every name",
       "A web page that points its own name at this address (DNS rebinding) reads nothing."},
      {"reflection", kListening, "WHEN", OneOf{&S::reflection, {"loopback", "always", "never"}},
       "Server reflection (v1alpha): loopback, always or never",
       "Tools find the API on a developer's machine; nobody maps it from outside."},
      {"channelz", kListening, "", Switch{&S::channelz},
       "Serve grpc.channelz.v1.Channelz to everybody who reaches --listen: connections and their "
       "calls",
       "It shows the addresses of clients: turn it on only while you look for a fault."},
      {"envoy", kListening, "", Switch{&S::envoy},
       "Serve envoy.service.auth.v3.Authorization: redirects from the policy for Envoy",
       "Without Envoy there is no need to expose another service."},

      {"policy", kPolicy, "FILE", Text{&S::policy},
       "The policy document; read again when its files change and on SIGHUP",
       "Without one only intents that requests spell out are answered."},

      {"drain-delay", kLifeCycle, "TIME", Time{&S::drain_delay, 0ms, 5min},
       "After SIGTERM or SIGINT: serve on while load balancers see NOT_SERVING; 0s on loopback. A "
       "second signal ends the process at once, with exit code 6",
       "Kubernetes takes a few seconds to take a pod out of its endpoints."},
      {"drain-timeout", kLifeCycle, "TIME", Time{&S::drain_timeout, 0ms, 1h},
       "After the delay: how long calls in progress may take",
       "Together with the delay below the 30 s that Kubernetes grants."},

      {"threads", kLimits, "N", Number{&S::threads, 0, 256},
       "Threads that answer calls; 0: one for each CPU that the process may use (cgroup v2 "
       "cpu.max)",
       "An answer never waits for anything, so more threads than CPUs only cost time."},
      {"max-message-size", kLimits, "SIZE", Size{&S::max_message_size, 1024, 64 << 20},
       "Largest request message; a larger one is RESOURCE_EXHAUSTED, and a compressed one "
       "UNIMPLEMENTED",
       "A batch of 1024 ordinary requests has 0.3 MiB."},
      {"max-batch", kLimits, "N", Number{&S::max_batch, 1, 65536},
       "Most requests in one batch or stream message; more are INVALID_ARGUMENT",
       "1024 short questions cost 2 ms of CPU, with explain 100, in pieces of 1 ms between which "
       "other calls are answered."},
      {"max-fields", kLimits, "N", Number{&S::max_fields, 1, http::kMaxHeaders},
       "Most fields of a request or response that is asked about; more are INVALID_ARGUMENT",
       "Servers allow about 100; no real request exceeds this."},
      {"max-field-length", kLimits, "SIZE",
       Size{&S::max_field_length, 64, static_cast<int>(http::kMaxFieldValue)},
       "Most octets in the value of one such field; more are INVALID_ARGUMENT",
       "Servers stop at 8 to 16 KiB, some are configured for 64."},
      {"max-url-length", kLimits, "SIZE",
       Size{&S::max_url_length, 64, static_cast<int>(http::kMaxUrl)},
       "Most octets in request.url; more are INVALID_ARGUMENT",
       "RFC 9110 §4.1 recommends to support at least 8000."},
      {"max-calls", kLimits, "N", Number{&S::max_calls, 1, 1'000'000},
       "Most calls in progress, streams included, but for those that watch the policy (at most "
       "4096) or health; one more takes the place of the one that has waited longest for its "
       "client, or is RESOURCE_EXHAUSTED at once",
       "A call whose client waits or does not read holds some 15 KiB and its messages: 10000 small "
       "ones 150 MiB."},
      {"max-streams", kLimits, "N", Number{&S::max_streams, 1, 1'000'000},
       "Most calls in progress on one connection; more wait at the client",
       "One client cannot take all of --max-calls."},
      {"max-metadata-size", kLimits, "SIZE", Size{&S::max_metadata_size, 1024, 1 << 20},
       "Most metadata with one call", "Tracing and authorization need a tenth of it."},
      {"max-memory", kLimits, "SIZE", Size{&S::max_memory, 16 << 20, 2047 << 20},
       "Most memory for connections and calls. Half is gRPC's, for connections and what they send; "
       "past it, it ends idle connections, then calls. Half, but at least 16 times "
       "--max-message-size, is for what calls hold: question, answer, and its unread part; "
       "three quarters of that for calls above 64 KiB, half for those with explain. A call without "
       "room is RESOURCE_EXHAUSTED with RetryInfo at once, over HTTP/JSON 429. An eighth is for "
       "incomplete content over HTTP",
       "With the 30 MiB of the process itself and a policy within 384 MiB: answers are 14 times "
       "the length of short questions, and with explain up to 100 times, whatever the length of "
       "the values."},
      {"max-connections", kLimits, "N", Number{&S::max_connections, 1, 1'000'000},
       "Most connections to --listen; one more takes the place of one that has asked nothing for "
       "half a second, or is refused. The limit of open files, of which each needs two, may be "
       "lower. --http-listen has an eighth as many of its own, where one more takes the place of "
       "one that waits for its client",
       "An idle one holds 17 KiB, with TLS 85 KiB (tests/run hostile): 130 MiB in all."},
      {"max-connections-per-peer", kLimits, "N", Number{&S::max_connections_per_peer, 1, 1'000'000},
       "Most connections from one IPv4 address or one /64 network of IPv6, by the same rules; of "
       "--http-listen and --redirect-listen an eighth, three quarters of which stay open",
       "A machine with a thousand worker processes has a connection for each; none takes all."},
      {"max-unasked-size", kLimits, "SIZE", Size{&S::max_unasked_size, 64 << 10, 1024 << 20},
       "Most octets, TLS and frames included, that a connection sends without a call or message; "
       "beyond that it is ended within a tenth of a second. Twice as many while calls do come, "
       "and a quarter of --max-memory from all connections together. A message counts as its size, "
       "an eighth more and 16 KiB, also one that is refused; a call of an unknown method counts as "
       "nothing. Beyond 32 KiB a connection is also ended when gRPC reads it slowly and has worked "
       "meanwhile for 60 ms that no answer explains (stalling)",
       "A message of 10 MiB still gets the answer that it is too large; a slow link, or a service "
       "that is busy with answers, ends nobody."},
      {"write-timeout", kLimits, "TIME", Time{&S::write_timeout, 1s, 1h},
       "A call whose answer is not taken is ended after this time, and so is a connection whose "
       "peer takes nothing; over HTTP, one that has not taken all of an answer",
       "A client that waits for an answer reads it; unread answers should not hold memory."},
      {"stream-idle", kLimits, "TIME", Time{&S::stream_idle, 1s, 24h},
       "A stream that asks nothing is ended after this time, with UNAVAILABLE; at --max-calls the "
       "one that has waited longest is ended with RESOURCE_EXHAUSTED for a new call",
       "A stream is for questions that follow each other; starting another costs one round trip."},
      {"max-connection-age", kLimits, "TIME", Time{&S::max_connection_age, 1s, 24h},
       "Connections are ended politely at this age, give or take a tenth; over HTTP, with the "
       "next answer",
       "Clients look for new replicas when they connect: load moves to them within minutes."},
      {"max-connection-grace", kLimits, "TIME", Time{&S::max_connection_grace, 0s, 1h},
       "How long the calls of such a connection may still take", "As long as a drain."},
      {"max-connection-idle", kLimits, "TIME", Time{&S::max_connection_idle, 1s, 24h},
       "Connections without calls are ended after this time; over HTTP after 75s",
       "Clients that are gone for good should not hold memory."},
      {"handshake-timeout", kLimits, "TIME", Time{&S::handshake_timeout, 100ms, 2min},
       "How long a new connection may take to speak TLS and HTTP/2; over HTTP, for TLS, for the "
       "first octet, for each request's head and for its content",
       "Half-open connections do not add up."},
      {"keepalive-time", kLimits, "TIME", Time{&S::keepalive_time, 1s, 24h},
       "Ping a silent connection after this time", "Finds vanished machines within a minute."},
      {"keepalive-timeout", kLimits, "TIME", Time{&S::keepalive_timeout, 100ms, 1h},
       "How long the answer to a ping may take", "Longer than any working network needs."},
      {"min-ping-interval", kLimits, "TIME", Time{&S::min_ping_interval, 1s, 24h},
       "Clients that ping more often are sent away (ENHANCE_YOUR_CALM)",
       "The clients of this repository respect it."},

      {"log-level", kLogs, "LEVEL",
       OneOf{&S::log_level, {"trace", "debug", "info", "warning", "error", "off"}},
       "Lowest level that is logged", "One line for each event that an operator wants to know."},
      {"log-format", kLogs, "FORMAT", OneOf{&S::log_format, {"text", "json"}},
       "text for people, json for machines; on standard error. Nothing waits for its reader: "
       "beyond "
       "4 MiB of unread lines the oldest are lost, counted in "
       "fingerpost_log_lines_lost_total and named in the log when it is read again",
       "The first reader of a log is a person at a terminal."},
      {"access-log", kLogs, "WHICH", OneOf{&S::access_log, {"off", "errors", "all"}},
       "A JSON line on standard error for each call: off, errors (that failed) or all",
       "A line costs more than the answer; failures are worth it."},
      {"access-log-sample", kLogs, "N", Number{&S::access_log_sample, 1, 1'000'000},
       "Write one of N of those lines", "Operators expect a complete log."},
      {"access-log-file", kLogs, "FILE", Text{&S::access_log_file},
       "Append those lines to FILE, or write them to standard output (-), which then has nothing "
       "else. A file that is renamed or removed is left for a new one, a truncated one is "
       "continued. On a full disk the lines wait, beyond 4 MiB the oldest are lost, counted in "
       "fingerpost_access_log_lines_lost_total",
       "Standard error has a reader wherever the service runs."},

      {"otlp-endpoint", kTraces, "HOST:PORT", Address{&S::otlp_endpoint, false, true},
       "Send a span for each sampled call to this OpenTelemetry collector, by OTLP over gRPC. A "
       "call with a parent (traceparent) is sampled as its parent. OTEL_SERVICE_NAME and "
       "OTEL_RESOURCE_ATTRIBUTES are respected",
       "Without a collector there is nobody to send spans to."},
      {"otlp-tls-ca", kTraces, "FILE", Text{&S::otlp_tls_ca},
       "Speak TLS with the collector, whose certificate one of these authorities (PEM) has signed",
       "Plaintext to a collector on the same machine; a span has no URL and no field's value."},
      {"otlp-sample", kTraces, "N", Number{&S::otlp_sample, 0, 1'000'000},
       "Of the calls without a parent sample one of N; 0: none",
       "Whoever begins a trace decides about it."},
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

std::string ReferencePage() {
  const Settings defaults;
  std::string page =
      "# Settings of fingerpostd\n\nMade by `fingerpostd --settings-reference`; do not edit.\n\n"
      "A flag (`--max-batch 512`) wins over a variable (`FINGERPOST_MAX_BATCH=512`), a variable "
      "over "
      "a key of the\nYAML file that `--config` names (`max-batch: 512`).\n";
  std::string_view group;
  for (const Definition& definition : Definitions()) {
    if (definition.group != group) {
      group = definition.group;
      page += fmt::format(
          "\n## {}\n\n| Setting | Default | Meaning | Why this default |\n"
          "|---|---|---|---|\n",
          group);
    }
    const std::string shown = Show(definition, defaults);
    page +=
        fmt::format("| `{}` | {} | {} | {} |\n", definition.name,
                    shown.empty() ? "none" : "`" + shown + "`", definition.help, definition.why);
  }
  return page;
}

std::string Show(const Definition& definition, const Settings& settings) {
  return std::visit([&](const auto& kind) { return ShowMember(kind, settings); }, definition.kind);
}

message::Result<void> Apply(const Definition& definition, std::string_view text,
                            Settings& settings) {
  return std::visit([&](const auto& kind) { return Set(kind, text, settings); }, definition.kind);
}

}  // namespace fingerpost
