#include "http_client.h"

#include <absl/strings/str_cat.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/fields.h"

namespace fingerpost::cli {
namespace {

// A connection whose content is at most this long is used again; a longer one is not worth the
// wait.
constexpr size_t kContentRead = size_t{64} << 10;
// Nor is one that stalls: an event stream, a slow page.
constexpr std::chrono::milliseconds kContentWait{500};

using Clock = std::chrono::steady_clock;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using FieldList = std::unique_ptr<curl_slist, FreeList>;

void Append(FieldList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

// The request's fields, and none of those that libcurl adds by itself.
FieldList FieldsOf(const v1::HttpRequest& request) {
  FieldList list;
  for (const auto& header : request.headers()) {
    const std::string_view value = ValueOf(header);
    // libcurl's spelling of a field with an empty value ends with a semicolon.
    Append(list, value.empty() ? header.name() + ";"
                               : absl::StrCat(header.name(), ": ", std::string(value)));
  }
  for (const char* added : {"Accept", "Expect", "Content-Type", "User-Agent"}) {
    if (FindField(request.headers(), added) == nullptr) Append(list, absl::StrCat(added, ":"));
  }
  return list;
}

// Collects the last field section: 1xx responses come before it, trailers after it.
class FieldSection {
 public:
  explicit FieldSection(Exchange& out) : out_(out) {}

  void Line(std::string_view line) {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
      StatusLine(line);
    } else if (line.empty()) {
      complete_ = true;
      completed_at_ = Clock::now();
    } else if (!complete_) {
      Field(line);
    }
  }

  // Whether all fields of a final response are there.
  [[nodiscard]] bool complete() const { return complete_ && out_.response.status() >= 200; }
  // Whether the content has been waited for long enough.
  [[nodiscard]] bool stalls() const {
    return complete() && Clock::now() - completed_at_ > kContentWait;
  }

 private:
  // "HTTP/1.1 303 See Other"
  void StatusLine(std::string_view line) {
    complete_ = false;
    out_.response.Clear();
    const size_t space = line.find(' ');
    out_.version = line.substr(0, space);
    line = space == std::string_view::npos ? "" : line.substr(space + 1);
    out_.response.set_status(std::atoi(std::string(line.substr(0, 3)).c_str()));
    out_.phrase = line.size() > 4 ? line.substr(4) : "";
  }

  void Field(std::string_view line) {
    auto& headers = *out_.response.mutable_headers();
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (folded && !headers.empty()) {  // RFC 9112 §5.2
      v1::Header& last = headers[headers.size() - 1];
      SetValue(last,
               absl::StrCat(std::string(ValueOf(last)), " ", std::string(TrimWhitespace(line))));
      return;
    }
    const size_t colon = line.find(':');
    // One too many is kept, for Follow to refuse: among those left out might be Location.
    if (colon == std::string_view::npos || headers.size() > kMaxHeaders) return;
    v1::Header& header = *headers.Add();
    header.set_name(std::string(line.substr(0, colon)));
    SetValue(header, TrimWhitespace(line.substr(colon + 1)));
  }

  Exchange& out_;
  bool complete_ = false;
  Clock::time_point completed_at_;
};

size_t OnField(char* data, size_t /*one*/, size_t size, void* section) {
  static_cast<FieldSection*>(section)->Line({data, size});
  return size;
}

size_t OnContent(char* /*data*/, size_t /*one*/, size_t size, void* left) {
  size_t& remaining = *static_cast<size_t*>(left);
  if (size > remaining) return 0;  // ends the transfer
  remaining -= size;
  return size;
}

// libcurl calls it about once a second while nothing comes.
int OnProgress(void* section, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<FieldSection*>(section)->stalls() ? 1 : 0;  // 1 ends the transfer
}

}  // namespace

struct HttpClient::Impl {
  std::string authorities;
  CURL* handle = nullptr;
};

HttpClient::HttpClient(std::string authorities) : impl_(std::make_unique<Impl>()) {
  impl_->authorities = std::move(authorities);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  impl_->handle = curl_easy_init();
}

HttpClient::~HttpClient() { curl_easy_cleanup(impl_->handle); }

bool HttpClient::Send(const v1::HttpRequest& request, const std::string& content,
                      std::chrono::milliseconds timeout, Exchange& out, std::string& problem) {
  CURL* handle = impl_->handle;
  std::array<char, CURL_ERROR_SIZE> error{};
  const FieldList fields = FieldsOf(request);
  FieldSection section(out);
  size_t left = kContentRead;
  const bool has_content = request.body() == v1::BODY_REPLAYABLE;

  curl_easy_reset(handle);  // keeps the connections
  const auto set = [handle](CURLoption option, auto value) {
    curl_easy_setopt(handle, option, value);
  };
  set(CURLOPT_ERRORBUFFER, error.data());
  set(CURLOPT_URL, request.url().c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);  // a proxy's answer is not the server's
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<int64_t>(timeout.count(), 1)));
  set(CURLOPT_HTTPHEADER, fields.get());
  set(CURLOPT_HEADERFUNCTION, OnField);
  set(CURLOPT_HEADERDATA, &section);
  set(CURLOPT_WRITEFUNCTION, OnContent);
  set(CURLOPT_WRITEDATA, &left);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  set(CURLOPT_XFERINFODATA, &section);
  if (!impl_->authorities.empty()) set(CURLOPT_CAINFO, impl_->authorities.c_str());
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
  if (section.complete()) return true;
  problem = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
  if (code == CURLE_OK) problem = "the response is not HTTP";
  return false;
}

}  // namespace fingerpost::cli
