// The settings of fingerpostd: one struct, and one table (settings.cc) that defines flags,
// variables, the file, --help and the reference page.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/message/result.h"

namespace fingerpost {

using Duration = std::chrono::milliseconds;

// Sizes are in octets. A fresh object has the defaults; the table gives the reasons.
struct Settings {
  // Listening.
  std::string listen = "127.0.0.1:50051";
  bool insecure = false;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  Duration tls_refresh{10000};
  std::vector<std::string> allow_caller;
  std::string port_file;
  std::string http_listen;
  int http_threads = 0;
  int gateway_pass = 204;
  std::string redirect_listen;
  std::vector<std::string> redirect_tls_cert;
  std::vector<std::string> redirect_tls_key;
  std::string redirect_acme;
  std::string admin_listen;
  std::vector<std::string> allow_host;
  std::string reflection = "loopback";
  bool channelz = false;
  bool envoy = false;

  std::string policy;

  // Life cycle.
  Duration drain_delay{5000};
  Duration drain_timeout{20000};

  // Limits.
  int threads = 0;
  int max_message_size = 1 << 20;
  int max_batch = 1024;
  int max_fields = 256;
  int max_field_length = 64 << 10;
  int max_url_length = 64 << 10;
  int max_calls = 10000;
  int max_streams = 1000;
  int max_metadata_size = 16 << 10;
  int max_memory = 256 << 20;
  int max_connections = 1500;
  int max_connections_per_peer = 1024;
  int max_unasked_size = 16 << 20;
  Duration write_timeout{20'000};
  Duration stream_idle{300'000};
  Duration max_connection_age{600'000};
  Duration max_connection_grace{30'000};
  Duration max_connection_idle{900'000};
  Duration handshake_timeout{10'000};
  Duration keepalive_time{60'000};
  Duration keepalive_timeout{20'000};
  Duration min_ping_interval{10'000};

  // Logs.
  std::string log_level = "info";
  std::string log_format = "text";
  std::string access_log = "errors";
  int access_log_sample = 1;
  std::string access_log_file;

  // Traces.
  std::string otlp_endpoint;
  std::string otlp_tls_ca;
  int otlp_sample = 0;
};

// A setting's kind: the member that it sets, and its bounds.
struct Switch {
  bool Settings::*member;
};
struct Text {
  std::string Settings::*member;
};
struct Address {  // "HOST:PORT"
  std::string Settings::*member;
  bool or_socket;  // "unix:PATH", too
  bool or_none;
};
struct OneOf {
  std::string Settings::*member;
  std::vector<std::string_view> values;
};
struct Number {
  int Settings::*member;
  int least, most;
};
struct Size {  // "4096", "256KiB", "1MiB"
  int Settings::*member;
  int least, most;
};
struct Time {  // "0", "250ms", "5s", "2m", "1h"
  Duration Settings::*member;
  Duration least, most;
};
struct List {  // separated by commas; flags may be repeated
  std::vector<std::string> Settings::*member;
};
using Kind = std::variant<Switch, Text, Address, OneOf, Number, Size, Time, List>;

struct Definition {
  std::string_view name;  // flag without "--"; key in the file
  std::string_view group;
  std::string_view value;  // the value's name in --help: "HOST:PORT"
  Kind kind;
  std::string_view help;
  std::string_view why;  // the reason for the default; for the reference page
};

// All settings, in the order of --help.
[[nodiscard]] const std::vector<Definition>& Definitions();
// The reference page, in Markdown.
[[nodiscard]] std::string ReferencePage();

// "FINGERPOST_MAX_BATCH" for max-batch.
[[nodiscard]] std::string VariableName(const Definition& definition);
// The member's value, as an operator would write it.
[[nodiscard]] std::string Show(const Definition& definition, const Settings& settings);
// Sets the member, or returns what was expected.
[[nodiscard]] message::Result<void> Apply(const Definition& definition, std::string_view text,
                                          Settings& settings);

}  // namespace fingerpost
