#include "page.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/enum_names.h"

namespace fingerpost::cli {
namespace {

constexpr size_t kTextColumn = 11;  // where the text beside a label begins

// "/a\x01" for what no terminal shows.
std::string Printable(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    if (http::IsControl(c) || static_cast<uint8_t>(c) >= 0x80) {
      absl::StrAppendFormat(&text, "\\x%02x", static_cast<uint8_t>(c));
    } else {
      text += c;
    }
  }
  return text;
}

// RFC 9112 §3.2.1, and §3.2.3 for CONNECT, which is never redirected. As the URL is written, which
// may be otherwise than the parser would.
std::string TargetOf(std::string_view written, const std::optional<http::Url>& url) {
  if (!url) return std::string(written);
  if (!written.starts_with(http::UpToPath(*url)))
    return std::string(url->get_pathname()).append(url->get_search());
  written.remove_prefix(http::UpToPath(*url).size());
  return std::string(written.substr(0, written.find('#')));
}

}  // namespace

std::string_view VersionName(v1::Protocol protocol) {
  switch (protocol) {
    case v1::PROTOCOL_HTTP_1_0:
      return "HTTP/1.0";
    case v1::PROTOCOL_HTTP_2:
      return "HTTP/2";
    case v1::PROTOCOL_HTTP_3:
      return "HTTP/3";
    default:
      return "HTTP/1.1";
  }
}

std::string Cited(std::string_view sentence,
                  const google::protobuf::RepeatedPtrField<std::string>& citations) {
  std::string out(sentence);
  for (int i = 0; i < citations.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? " [" : ", ", citations[i]);
  }
  if (!citations.empty()) out += ']';
  return out;
}

void Page::Line(Style style, std::string_view text) {
  absl::StrAppend(&text_, palette_.Paint(style, Harmless(text)), "\n");
}

void Page::Sentence(Style style, std::string_view text) { Broken(style, text, 2); }

void Page::Broken(Style style, std::string_view text, size_t indent) {
  const std::string harmless = Harmless(text);
  const auto lines = columns_ == 0 ? std::vector{harmless} : Wrapped(harmless, columns_ - indent);
  for (size_t i = 0; i < lines.size(); ++i) {
    absl::StrAppend(&text_, i == 0 ? "" : std::string(indent, ' '), palette_.Paint(style, lines[i]),
                    "\n");
  }
}

void Page::Field(const v1::Header& header) {
  const std::string value = http::IsWithheld(header) ? palette_.Paint(Style::kDim, "(withheld)")
                                                     : Harmless(http::ValueOf(header));
  absl::StrAppend(&text_, palette_.Paint(Style::kBold, Harmless(header.name())), ": ", value, "\n");
}

void Page::Fields(const google::protobuf::RepeatedPtrField<v1::Header>& headers) {
  for (const auto& header : headers) Field(header);
}

void Page::Table(const std::vector<Row>& rows) {
  if (columns_ > 0) {
    for (const Row& row : rows) {
      absl::StrAppend(&text_, palette_.Paint(row.style, absl::StrFormat("%-10s", row.label)), " ",
                      Harmless(row.what), "\n", std::string(kTextColumn, ' '));
      Broken(Style::kDim, row.why, kTextColumn);
    }
    return;
  }
  // A longer text than this pushes its own reason to the right, and no other.
  constexpr size_t kWidest = 48;
  size_t width = 0;
  for (const Row& row : rows) {
    if (row.what.size() <= kWidest) width = std::max(width, row.what.size());
  }
  for (const Row& row : rows) {
    std::string what = Harmless(row.what);
    what.resize(std::max(what.size(), width), ' ');
    absl::StrAppend(&text_, palette_.Paint(row.style, absl::StrFormat("%-10s", row.label)), " ",
                    what, "  ", palette_.Paint(Style::kDim, Harmless(row.why)), "\n");
  }
}

void Page::Note(std::string_view label, std::string_view text, Style style) {
  absl::StrAppend(&text_, palette_.Paint(style, absl::StrFormat("%-10s", label)), " ");
  Broken(Style::kPlain, text, kTextColumn);
}

void Page::Warnings(const google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
  if (!warnings.empty()) Blank();
  for (const auto& warning : warnings) {
    Note("warning",
         absl::StrCat(message::ShortEnumName(warning.code()), ": ",
                      Cited(warning.message(), warning.citations())),
         Style::kWarning);
  }
}

void Page::Content(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    absl::StrAppend(&text_, palette_.Paint(Style::kDim, Harmless(text.substr(0, end))), "\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void ShowRequest(const v1::HttpRequest& request, std::string_view target, Page& page) {
  const auto url = http::ParseUrl(request.url());
  const std::string written = target.empty() ? TargetOf(request.url(), url) : Printable(target);
  page.Line(Style::kBold, absl::StrFormat("%s %s %s", request.method(), written,
                                          VersionName(request.protocol())));
  if (url && http::FindField(request.headers(), "host") == nullptr) {
    v1::Header host;
    host.set_name("Host");
    host.set_value(std::string(url->get_host()));
    page.Field(host);
  }
  page.Fields(request.headers());
  if (request.body() == v1::BODY_REPLAYABLE || request.body() == v1::BODY_ONE_SHOT) {
    page.Blank();
    page.Content("(the same content)");
  }
}

}  // namespace fingerpost::cli
