#include "logged_request.h"

#include <absl/strings/str_cat.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "core/http/fields.h"

namespace fingerpost::cli {
namespace {

void AddField(v1::HttpRequest& request, const char* name, std::string_view value) {
  if (value.empty() || value == "-") return;
  v1::Header& header = *request.add_headers();
  header.set_name(name);
  header.set_value(std::string(value));
}

bool IsMethod(std::string_view text) {
  if (text.empty() || text.size() > 32) return false;
  for (const char c : text) {
    if ((c < 'A' || c > 'Z') && c != '-') return false;
  }
  return true;
}

// The target of a request line, or a URL.
bool SetUrl(std::string_view target, const std::string& host, v1::HttpRequest& request) {
  if (target.starts_with('/')) {
    request.set_url(absl::StrCat("https://", host, std::string(target)));
    return true;
  }
  if (!http::StartsWithIgnoreCase(target, "http://") &&
      !http::StartsWithIgnoreCase(target, "https://")) {
    return false;
  }
  request.set_url(std::string(target));
  return true;
}

// "METHOD URL[ HTTP/1.1]" or "URL".
bool SetLine(std::string_view text, const std::string& host, v1::HttpRequest& request) {
  const size_t blank = text.find(' ');
  std::string_view target = text;
  request.set_method("GET");
  if (blank != text.npos && IsMethod(text.substr(0, blank))) {
    request.set_method(std::string(text.substr(0, blank)));
    target.remove_prefix(blank + 1);
  }
  return SetUrl(target.substr(0, target.find(' ')), host, request);
}

// The next text in double quotes, in which a quote is \" or \x22; nullopt: there is none.
std::optional<std::string> TakeQuoted(std::string_view& line) {
  const size_t begin = line.find('"');
  if (begin == line.npos) return std::nullopt;
  std::string out;
  for (size_t i = begin + 1; i < line.size(); ++i) {
    if (line[i] == '"') {
      line.remove_prefix(i + 1);
      return out;
    }
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) ++i;
    out += line[i];
  }
  return std::nullopt;
}

Logged ReadNcsa(std::string_view line, const std::string& host, v1::HttpRequest& request) {
  // "www.example.com:443 10.0.0.1 - - [": Apache's vhost_combined.
  std::string own = host;
  const std::string_view first = line.substr(0, line.find(' '));
  const size_t colon = first.rfind(':');
  const bool has_port = colon != first.npos && colon > 0 && colon + 1 < first.size() &&
                        first.find_first_not_of("0123456789", colon + 1) == first.npos;
  if (has_port && first.find(':') == colon) own = std::string(first.substr(0, colon));
  const auto text = TakeQuoted(line);
  if (!text || !SetLine(*text, own, request)) return Logged::kUnreadable;
  if (const auto referrer = TakeQuoted(line)) AddField(request, "Referer", *referrer);
  if (const auto agent = TakeQuoted(line)) AddField(request, "User-Agent", *agent);
  return Logged::kRequest;
}

Logged ReadJson(std::string_view line, const std::string& host, v1::HttpRequest& request) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return Logged::kUnreadable;
  // "request": "GET /a HTTP/1.1", as many logs of nginx have it.
  if (json.contains("request") && json["request"].is_string()) {
    const auto line = json["request"].get<std::string>();
    return SetLine(line, host, request) ? Logged::kRequest : Logged::kUnreadable;
  }
  const auto& source =
      json.contains("request") && json["request"].is_object() ? json["request"] : json;
  const auto text = [&source](const char* name) {
    const auto found = source.find(name);
    return found != source.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (text("url").empty()) return json.contains("rpc") ? Logged::kNone : Logged::kUnreadable;
  request.set_method(text("method").empty() ? "GET" : text("method"));
  return SetUrl(text("url"), host, request) ? Logged::kRequest : Logged::kUnreadable;
}

}  // namespace

Logged ReadLogged(std::string_view line, const std::string& host, v1::HttpRequest& request) {
  request.Clear();
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return Logged::kNone;
  if (line.front() == '{') return ReadJson(line, host, request);
  if (line.find('"') != line.npos) return ReadNcsa(line, host, request);
  return SetLine(line, host, request) ? Logged::kRequest : Logged::kUnreadable;
}

}  // namespace fingerpost::cli
