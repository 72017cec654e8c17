#include "server/gateway/challenges.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "policy/document/file_descriptor.h"
#include "server/failure.h"
#include "server/http/error.h"

namespace fingerpost {
namespace {

using policy::document::FileDescriptor;

constexpr std::string_view kPath = "/.well-known/acme-challenge/";
// A key authorization has some 90 octets (RFC 8555 §8.1).
constexpr size_t kMaxFile = 1024;

bool IsUrl(std::string_view source) {
  return http::StartsWithIgnoreCase(source, "http://") ||
         http::StartsWithIgnoreCase(source, "https://");
}

// base64url (RFC 8555 §8.3), so that no token leads out of the directory.
bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_';
  });
}

// nullopt unless it is a regular file, not a link to one, of at most kMaxFile octets.
std::optional<std::string> ReadToken(const std::string& directory, const std::string& token) {
  const FileDescriptor in(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Without O_NONBLOCK a pipe would wait for its writer.
  const FileDescriptor file(
      openat(in.get(), token.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (file.get() < 0 || fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
  std::array<char, kMaxFile + 1> text{};
  const ssize_t count = read(file.get(), text.data(), text.size());
  if (count < 0 || static_cast<size_t>(count) > kMaxFile) return {};
  return std::string(text.data(), static_cast<size_t>(count));
}

HttpAnswer NotAllowed() {
  HttpAnswer answer = HttpError(405, "Expected GET or HEAD.");
  answer.fields.emplace_back("Allow", "GET, HEAD");
  return answer;
}

}  // namespace

Challenges::Challenges(std::string source) : source_(std::move(source)), is_url_(IsUrl(source_)) {
  if (source_.empty() || source_ == "off") return;
  struct stat facts {};
  if (is_url_) {
    const auto url = http::ParseUrl(source_);
    if (!url || !http::IsHttp(*url) || http::HasUserinfo(*url) || http::HasNoUri(source_) ||
        source_.find_first_of("?#") != source_.npos) {
      throw Failure(ExitCode::kSettings,
                    fmt::format("--redirect-acme {}: expected an http or https URL without user, "
                                "query and fragment",
                                source_));
    }
  } else if (stat(source_.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    throw Failure(ExitCode::kFile,
                  fmt::format("--redirect-acme {}: expected a directory, a URL, or off", source_));
  }
}

std::optional<HttpAnswer> Challenges::Answer(const HttpCall& call) const {
  if (source_ == "off" || !call.path.starts_with(kPath)) return {};
  if (call.method != "GET" && call.method != "HEAD") return NotAllowed();
  const std::string token(call.path.substr(kPath.size()));
  if (!source_.empty() && IsToken(token)) {
    if (is_url_) {
      const std::string_view slash = source_.ends_with('/') ? "" : "/";
      return HttpAnswer{.status = 307,
                        .fields = {{"Location", fmt::format("{}{}{}", source_, slash, token)}}};
    }
    if (auto text = ReadToken(source_, token)) {
      return HttpAnswer{.type = "application/octet-stream", .body = *std::move(text)};
    }
  }
  return HttpError(404, "There is no such challenge.");
}

}  // namespace fingerpost
