#include "http_client.h"

#include <absl/strings/str_cat.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/http/fields.h"

namespace fingerpost::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using FieldList = std::unique_ptr<curl_slist, FreeList>;

void Append(FieldList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

// The request's fields, without those that libcurl would add.
FieldList FieldsOf(const v1::HttpRequest& request) {
  FieldList list;
  for (const auto& header : request.headers()) {
    const std::string_view value = http::ValueOf(header);
    // libcurl's spelling of a field with an empty value ends with a semicolon.
    Append(list, value.empty() ? header.name() + ";"
                               : absl::StrCat(header.name(), ": ", std::string(value)));
  }
  for (const char* added : {"Accept", "Expect", "Content-Type", "User-Agent", "Proxy-Connection"}) {
    if (http::FindField(request.headers(), added) == nullptr)
      Append(list, absl::StrCat(added, ":"));
  }
  return list;
}

// Collects the last field section: 1xx responses come before it, trailers after it.
class FieldSection {
 public:
  FieldSection(CURL* handle, std::chrono::milliseconds content_wait, Exchange& out)
      : handle_(handle), content_wait_(content_wait), out_(out) {}

  void Line(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (http::StartsWithIgnoreCase(line, "HTTP/")) {
      StatusLine(line);
    } else if (line.empty()) {
      long status = 0;  // what libcurl reads in the line
      curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
      out_.response.set_status(static_cast<int>(status));
      complete_ = true;
      completed_at_ = Clock::now();
    } else if (!complete_) {
      Field(line);
    }
  }

  // Whether all fields of a final response are there.
  [[nodiscard]] bool complete() const { return complete_ && out_.response.status() >= 200; }
  // Whether there is a response that nothing followed, such as 101.
  [[nodiscard]] bool ended() const { return complete_; }
  // Whether the wait for the content has been long enough.
  [[nodiscard]] bool stalls() const {
    return complete() && Clock::now() - completed_at_ > content_wait_;
  }

 private:
  // "HTTP/1.1 303 See Other"
  void StatusLine(std::string_view line) {
    complete_ = false;
    out_.response.Clear();
    const size_t space = line.find(' ');
    out_.version = line.substr(0, space);
    line = http::TrimWhitespace(line.substr(std::min(space, line.size())));
    line.remove_prefix(std::min(line.find_first_not_of("0123456789"), line.size()));
    out_.phrase = http::TrimWhitespace(line);
  }

  void Field(std::string_view line) {
    auto& headers = *out_.response.mutable_headers();
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (folded && !headers.empty()) {  // RFC 9112 §5.2
      v1::Header& last = headers[headers.size() - 1];
      http::SetValue(last, absl::StrCat(std::string(http::ValueOf(last)), " ",
                                        std::string(http::TrimWhitespace(line))));
      return;
    }
    const size_t colon = line.find(':');
    // One field too many is kept, so that Follow refuses the response: Location might be among
    // those left out.
    if (colon == std::string_view::npos || headers.size() > http::kMaxHeaders) return;
    v1::Header& header = *headers.Add();
    header.set_name(std::string(line.substr(0, colon)));
    http::SetValue(header, http::TrimWhitespace(line.substr(colon + 1)));
  }

  CURL* handle_;
  const std::chrono::milliseconds content_wait_;
  Exchange& out_;
  bool complete_ = false;
  Clock::time_point completed_at_;
};

size_t OnField(char* data, size_t /*one*/, size_t size, void* section) {
  static_cast<FieldSection*>(section)->Line({data, size});
  return size;
}

struct Content {
  const size_t most;
  std::string& read;
};

size_t OnContent(char* data, size_t /*one*/, size_t size, void* content) {
  auto& [most, read] = *static_cast<Content*>(content);
  const size_t taken = std::min(size, most - read.size());
  read.append(data, taken);
  return taken;  // less than `size` ends the transfer
}

// libcurl calls it about once a second while nothing comes.
int OnProgress(void* section, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<FieldSection*>(section)->stalls() ? 1 : 0;  // 1 ends the transfer
}

}  // namespace

struct HttpClient::Impl {
  Transport transport;
  FieldList resolve;
  CURL* handle = nullptr;
};

HttpClient::HttpClient(Transport transport) : impl_(std::make_unique<Impl>()) {
  impl_->transport = std::move(transport);
  for (const std::string& line : impl_->transport.resolve) Append(impl_->resolve, line);
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
  impl_->handle = curl_easy_init();
}

HttpClient::~HttpClient() { curl_easy_cleanup(impl_->handle); }

message::Result<void> HttpClient::Send(const v1::HttpRequest& request, const std::string& content,
                                       std::chrono::milliseconds timeout, Exchange& out) {
  CURL* handle = impl_->handle;
  std::array<char, CURL_ERROR_SIZE> error{};
  const FieldList fields = FieldsOf(request);
  const Transport& transport = impl_->transport;
  FieldSection section(handle, transport.content_wait, out);
  Content read{transport.most_content, out.content};
  const bool has_content = request.body() == v1::BODY_REPLAYABLE;

  curl_easy_reset(handle);  // keeps the connections
  const auto set = [handle](CURLoption option, auto value) {
    curl_easy_setopt(handle, option, value);
  };
  set(CURLOPT_ERRORBUFFER, error.data());
  set(CURLOPT_URL, request.url().c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's answer is not the server's
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(timeout.count(), 1)));
  set(CURLOPT_HTTPHEADER, fields.get());
  set(CURLOPT_HEADERFUNCTION, OnField);
  set(CURLOPT_HEADERDATA, &section);
  set(CURLOPT_WRITEFUNCTION, OnContent);
  set(CURLOPT_WRITEDATA, &read);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  set(CURLOPT_XFERINFODATA, &section);
  if (!transport.authorities.empty()) set(CURLOPT_CAINFO, transport.authorities.c_str());
  set(CURLOPT_SSL_VERIFYPEER, transport.verifies ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, transport.verifies ? 2L : 0L);
  if (transport.proxy) set(CURLOPT_PROXY, transport.proxy->c_str());
  set(CURLOPT_RESOLVE, impl_->resolve.get());
  if (has_content) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(content.size()));
    set(CURLOPT_POSTFIELDS, content.c_str());
  } else if (request.method() == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  }
  set(CURLOPT_CUSTOMREQUEST, request.method().c_str());

  const CURLcode code = curl_easy_perform(handle);
  curl_off_t time = 0;
  curl_easy_getinfo(
      handle, section.complete() ? CURLINFO_STARTTRANSFER_TIME_T : CURLINFO_TOTAL_TIME_T, &time);
  out.time = std::chrono::microseconds(time);
  if (section.complete() || (code == CURLE_OK && section.ended())) return {};
  if (code == CURLE_OK) return message::Unexpected("the response is not HTTP");
  return message::Unexpected(
      std::string(error[0] != '\0' ? error.data() : curl_easy_strerror(code)));
}

}  // namespace fingerpost::cli
