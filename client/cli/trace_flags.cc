#include "trace_flags.h"

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <re2/re2.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "exit_code.h"
#include "flag_reader.h"
#include "version.h"

namespace fingerpost::cli {
namespace {

// People type "shop.example/a" and "localhost:8080", and mean http. A text that begins with a slash
// has no host.
std::string WithScheme(const std::string& text) {
  const bool has_scheme = absl::StrContains(text, "://") ||
                          http::StartsWithIgnoreCase(text, "http:") ||
                          http::StartsWithIgnoreCase(text, "https:");
  return text.empty() || has_scheme || text.starts_with('/') ? text : "http://" + text;
}

void AddDefault(const std::string& name, const std::string& value, v1::HttpRequest& request) {
  if (http::FindField(request.headers(), name) != nullptr) return;
  v1::Header& header = *request.add_headers();
  header.set_name(name);
  header.set_value(value);
}

// As libcurl takes it (CURLOPT_RESOLVE); it does not say what is wrong before the first request.
std::string CheckResolve(const std::string& text) {
  static const RE2 kLine(R"(\+?[^:\s]+:\d{1,5}:[^\s:][^\s]*|\+?[^:\s]+:\d{1,5}:::?[^\s]+)");
  return RE2::FullMatch(text, kLine) ? "" : "expected HOST:PORT:ADDRESS";
}

bool ReadAll(const std::string& path, std::string& content) {
  if (path == "-") {
    content.assign(std::istreambuf_iterator<char>(std::cin), {});
    return !std::cin.bad();
  }
  std::ifstream file(path, std::ios::binary);
  content.assign(std::istreambuf_iterator<char>(file), {});
  return file.is_open() && !file.bad();
}

}  // namespace

void TraceFlags::AddTo(CLI::App& command) {
  AddRequestFlags(command);
  options_.AddTo(command);
  AddTransportFlags(command);
}

void TraceFlags::AddRequestFlags(CLI::App& command) {
  const auto option = [&](const char* name, auto& value, const char* text, const char* type) {
    return command.add_option(name, value, text)->type_name(type)->group("The first request");
  };
  option("-X,--method", method_, "Default: GET, and POST with --data", "METHOD");
  command
      .add_flag("-I,--head", head_,
                "Ask with HEAD, and again with GET where the answer is 400, 403, 404, 405, 500 or "
                "501: some servers refuse HEAD alone")
      ->group("The first request");
  option("-H,--header", headers_, "A field. Repeatable", "'NAME: VALUE'")->allow_extra_args(false);
  option("-A,--user-agent", agent_, "The field User-Agent; \"\" for none", "TEXT");
  option("-u,--user", user_,
         "For the first URL's origin, as Basic; so is NAME:PASSWORD@ in a URL. Not shown",
         "NAME:PASSWORD");
  option("-d,--data", data_,
         "Content; @FILE: the octets of FILE (\"@-\": of standard input), as they are",
         "TEXT|@FILE");
}

void TraceFlags::AddTransportFlags(CLI::App& command) {
  const auto option = [&](const char* name, auto& value, const char* text, const char* type) {
    return command.add_option(name, value, text)->type_name(type)->group("On the way");
  };
  option("--timeout", timeout_seconds_, "Longest time for a whole chain", "SECONDS")
      ->check(CLI::Validator(CheckTimeout, ""))
      ->capture_default_str();
  option("--resolve", transport_.resolve,
         "Take this address for the host, and look up no name. Repeatable", "HOST:PORT:ADDRESS")
      ->allow_extra_args(false)
      ->check(CLI::Validator(CheckResolve, ""));
  option("--proxy", transport_.proxy,
         "Through this proxy: http, https or socks5; \"\" for none. Default: http_proxy, "
         "https_proxy and no_proxy of the environment",
         "URL");
  option("--tls-ca", transport_.authorities, "Trust the authorities in this PEM file", "FILE")
      ->check(CLI::ExistingFile.description(""));
  command.add_flag("-k,--insecure", insecure_, "Take any certificate")->group("On the way");
}

int TraceFlags::Prepare(bool input_is_standard, std::string& problem) {
  transport_.verifies = !insecure_;
  if (head_ && (data_ || !method_.empty())) {
    problem = "--head is a method: expected no --method and no --data beside it";
    return kUsage;
  }
  if (!data_ || !data_->starts_with('@')) return kAnswered;
  const std::string path = data_->substr(1);
  if (path == "-" && input_is_standard) {
    problem = "--data and --input cannot both be standard input";
    return kUsage;
  }
  if (ReadAll(path, *data_)) return kAnswered;
  problem = absl::StrCat("--data: cannot read ", path, ": ", std::strerror(errno));
  return kInputOutput;
}

void TraceFlags::ReadRequest(const std::string& url, FlagReader& reader,
                             v1::HttpRequest& request) const {
  const std::string method = head_ ? "HEAD" : data_ ? "POST" : "GET";
  request.set_method(reader.Text(method_.empty() ? method : method_, "request.method"));
  // As Follow understands it, also where libcurl would not.
  const std::string text = WithScheme(url);
  const auto parsed = http::ParseUrl(text);
  request.set_url(parsed ? std::string(parsed->get_href()) : reader.Text(text, "request.url"));
  reader.Fields(headers_, "request.headers", *request.mutable_headers());
  const message::Place fields("request.headers");
  for (int i = 0; i < request.headers_size(); ++i) {
    if (http::IsWithheld(request.headers(i))) {
      reader.Fault(fields[i], "expected a value: the field is sent");
    }
  }
  // Nearly every client sends it by default.
  if (!agent_) AddDefault("User-Agent", absl::StrCat("fingerpost/", kVersion), request);
  if (agent_ && !agent_->empty()) AddDefault("User-Agent", *agent_, request);
  AddDefault("Accept", "*/*", request);
  if (data_) {
    AddDefault("Content-Type", "application/x-www-form-urlencoded", request);
    request.set_body(v1::BODY_REPLAYABLE);
  }
}

message::Done TraceFlags::Plan(const std::string& url, Journey& journey) const {
  FlagReader reader;
  ReadRequest(url, reader, journey.request);
  journey.content = data_.value_or("");
  journey.user = user_.empty() || absl::StrContains(user_, ':') ? user_ : user_ + ":";
  journey.head_first = head_;
  options_.Read(reader, journey.options);
  journey.timeout = std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds_ * 1000));
  return reader.Finish();
}

}  // namespace fingerpost::cli
