#include "core/decide/link_field.h"

#include <algorithm>
#include <string>

#include "core/decide/target.h"
#include "core/http/field_syntax.h"
#include "core/http/fields.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::decide {
namespace {

constexpr int kMaxLinks = 16;
constexpr size_t kMaxText = 256;

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// title="…" (RFC 8288 §3.4.1); with other characters than ASCII title*=UTF-8''… (RFC 8187 §3.2).
void AppendTitle(std::string_view title, std::string& out) {
  if (!IsAscii(title)) {
    out += "; title*=UTF-8''";
    http::AppendEncoded(title, out);
    return;
  }
  out += "; title=\"";
  for (const char c : title) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// A v1::Alternative or a v1::Link.
template <typename Attributes>
void AppendLink(const Target& target, std::string_view rel, const Attributes& attributes,
                std::string& out) {
  if (!out.empty()) out += ", ";
  out.append("<").append(LocationText(target)).append(">; rel=\"").append(rel).append("\"");
  if (!attributes.media_type().empty()) out += "; type=\"" + attributes.media_type() + '"';
  if (!attributes.language().empty()) out += "; hreflang=\"" + attributes.language() + '"';
  if (!attributes.title().empty()) AppendTitle(attributes.title(), out);
}

// reg-rel-type or an absolute URI (RFC 8288 §3.3), which ends no quoted-string.
bool IsRelation(std::string_view text) {
  if (text.empty() || text.size() > kMaxText) return false;
  if (text.find(':') != std::string_view::npos) {
    return http::ParseUrl(text) && !http::HasNoUri(text) &&
           text.find('"') == std::string_view::npos;
  }
  return text[0] >= 'a' && text[0] <= 'z' && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool IsLinkTarget(std::string_view text) {
  if (text.size() > kMaxLocation || http::HasControl(text) || http::LacksTwoSlashes(text)) {
    return false;
  }
  if (text.starts_with('/')) return text.size() == 1 || (text[1] != '/' && text[1] != '\\');
  const auto url = http::ParseUrl(text);
  return url && http::IsHttp(*url);
}

void CheckLink(const v1::Link& link, const message::Place& at, message::Faults& faults) {
  if (!IsLinkTarget(link.target())) {
    faults.Error(
        at["target"],
        "required: an http or https URL or a path with one \"/\" at its start, at most 8000 "
        "octets");
  }
  if (!IsRelation(link.rel())) {
    faults.Error(
        at["rel"],
        "required: one relation type in lower case, \"canonical\", or an absolute URI (RFC "
        "8288 §2.1)");
  }
}

}  // namespace

void CheckLinkAttributes(std::string_view media_type, std::string_view language,
                         std::string_view title, const message::Place& at,
                         message::Faults& faults) {
  if (!media_type.empty() && !http::IsMediaType(media_type)) {
    faults.Error(at["media_type"], "expected type/subtype without parameters (RFC 9110 §8.3.1)");
  }
  if (!language.empty() && !http::IsLanguageTag(language)) {
    faults.Error(at["language"], "not a language tag (RFC 5646)");
  }
  if (title.size() > kMaxText || http::HasControl(title)) {
    faults.Error(at["title"], "expected at most 256 octets without control characters");
  }
}

void CheckLinks(const v1::Intent& intent, const message::Place& at, message::Faults& faults) {
  const message::Place list = at["links"];
  if (intent.links_size() > kMaxLinks) {
    faults.Error(list, "at most 16, got " + std::to_string(intent.links_size()));
    return;
  }
  for (int i = 0; i < intent.links_size(); ++i) {
    const v1::Link& link = intent.links(i);
    CheckLink(link, list[i], faults);
    CheckLinkAttributes(link.media_type(), link.language(), link.title(), list[i], faults);
  }
}

void WriteLinks(const Question& question, int32_t status, AnswerWriter& answer) {
  const bool choices = status == 300;
  if (!choices && question.links.empty()) return;
  std::string& value = answer.Field(kLink);
  for (size_t i = 0; choices && i < question.alternatives.size(); ++i) {
    AppendLink(question.alternatives[i], "alternate",
               question.intent.alternatives(static_cast<int>(i)), value);
  }
  for (size_t i = 0; i < question.links.size(); ++i) {
    const v1::Link& link = question.intent.links(static_cast<int>(i));
    AppendLink(question.links[i], link.rel(), link, value);
  }
}

}  // namespace fingerpost::decide
