#include "page_redirects.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "secrets.h"

namespace fingerpost::cli {
namespace {

using re2::StringPiece;

// A comment, closed or not, or the start tag of an element with its name and attributes.
const RE2& CommentOrTag() {
  static const RE2 kCommentOrTag(R"((?is)<!--(?:-?>|.*?(?:-->|\z))|)"
                                 R"re(<([a-z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>)re");
  return kCommentOrTag;
}

// Elements whose content is text (the HTML Standard, "parsing HTML fragments").
constexpr std::string_view kTextElements[] = {"script",   "style", "title",  "textarea",
                                              "noframes", "xmp",   "iframe", "noembed"};

// Removes the text of the element `name` from `content`: up to its end tag, or all of it if there
// is none.
StringPiece TakeText(StringPiece& content, const std::string& name) {
  const std::string end_tag = "</" + name;
  const auto same = [](char a, char b) {
    return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
  };
  const auto* const end =
      std::search(content.begin(), content.end(), end_tag.begin(), end_tag.end(), same);
  const StringPiece text(content.data(), static_cast<size_t>(end - content.begin()));
  content.remove_prefix(text.size());
  return text;
}

std::string WithoutEntities(std::string_view text) {
  return absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{"&amp;", "&"},
                                                                           {"&quot;", "\""},
                                                                           {"&#39;", "'"},
                                                                           {"&#x27;", "'"},
                                                                           {"&lt;", "<"},
                                                                           {"&gt;", ">"}});
}

// Where `reference` leads from the hop, without userinfo, for a sentence.
std::string Resolved(const std::string& reference, const Hop& hop) {
  const auto base = http::ParseUrl(hop.request.url());
  const auto url = base ? http::ParseUrl(reference, &*base) : std::nullopt;
  return url ? Shown(*url) : "an invalid URL";
}

// The HTML Standard, "shared declarative refresh steps": "5; url='/next'". Returns a verb and where
// to; "" where browsers see no refresh.
std::string RefreshOf(std::string_view value, const Hop& hop) {
  static const RE2 kRefresh(R"((?is)\s*(?:(\d+)|\.)[\d.]*\s*(?:[;,\s]\s*(?:url\s*=\s*)?)"
                            R"((?:"([^"]*)(?:".*)?|'([^']*)(?:'.*)?|([^"'].*))?)?)");
  std::string seconds;
  std::string quoted;
  std::string single;
  std::string bare;
  const StringPiece text(value.data(), value.size());
  if (!RE2::FullMatch(text, kRefresh, &seconds, &quoted, &single, &bare)) return "";
  const std::string reference(http::TrimWhitespace(quoted + single + bare));
  const std::string after = absl::StrCat(" after ", seconds.empty() ? "0" : seconds, " s");
  if (reference.empty()) return "loads the page again" + after;
  return "leads to " + Resolved(reference, hop) + after;
}

void NoticeRefresh(const char* code, const char* what, std::string_view value, const Hop& hop,
                   std::vector<ChainProblem>& problems) {
  const std::string refresh = RefreshOf(value, hop);
  if (refresh.empty()) return;
  problems.push_back(
      {code, absl::StrCat(what, " ", refresh, ": browsers follow it, no other client does")});
}

// The value of an attribute; "" when the element has none of that name.
std::string Attribute(StringPiece attributes, std::string_view name) {
  static const RE2 kAttribute(R"re(([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))re");
  std::string found;
  std::string quoted;
  std::string single;
  std::string bare;
  while (RE2::FindAndConsume(&attributes, kAttribute, &found, &quoted, &single, &bare)) {
    if (http::EqualsIgnoreCase(found, name))
      return WithoutEntities(quoted.append(single).append(bare));
  }
  return "";
}

void NoticeMeta(StringPiece attributes, const Hop& hop, std::vector<ChainProblem>& problems) {
  if (!http::EqualsIgnoreCase(http::TrimWhitespace(Attribute(attributes, "http-equiv")), "refresh"))
    return;
  NoticeRefresh("meta_refresh", "a meta element", Attribute(attributes, "content"), hop, problems);
}

// "location = x", "window.location.href = x", "location.replace(x)", "location.assign(x)".
void NoticeScript(StringPiece script, const Hop& hop, std::vector<ChainProblem>& problems) {
  static const RE2 kLocation(
      R"((?:^|[^\w.$?&"'-])(?:(?:window|document|self|top|parent|globalThis)\s*\.\s*)*location\s*)"
      R"((?:(?:\.\s*href\s*)?=\s*(?:[^=\s"'`>]|(["'`])([^"'`]*))|)"
      R"(\.\s*(?:replace|assign)\s*\(\s*(?:(["'`])([^"'`]*))?))");
  std::string quote;
  std::string assigned;
  std::string other_quote;
  std::string called;
  if (!RE2::PartialMatch(script, kLocation, &quote, &assigned, &other_quote, &called)) return;
  const std::string target = absl::StrReplaceAll(assigned + called, {{"\\/", "/"}});
  problems.push_back(
      {"script_location",
       absl::StrCat("a script ",
                    target.empty() ? "may lead elsewhere" : "may lead to " + Resolved(target, hop),
                    ": it is not run, and only browsers would")});
}

bool IsHtml(const v1::HttpResponse& response) {
  const auto type = http::FieldValue(response.headers(), "Content-Type");
  return !type || http::StartsWithIgnoreCase(*type, "text/html") ||
         http::StartsWithIgnoreCase(*type, "application/xhtml+xml");
}

}  // namespace

std::vector<ChainProblem> PageRedirects(const Hop& hop) {
  std::vector<ChainProblem> problems;
  const v1::HttpResponse& response = hop.exchange.response;
  if (const auto refresh = http::FieldValue(response.headers(), "Refresh")) {
    NoticeRefresh("refresh_field", "the Refresh field", *refresh, hop, problems);
  }
  if (!IsHtml(response)) return problems;
  StringPiece content(hop.exchange.content);
  std::string name;
  StringPiece attributes;
  while (RE2::FindAndConsume(&content, CommentOrTag(), &name, &attributes)) {
    name = http::ToLowerAscii(name);
    if (name == "meta") NoticeMeta(attributes, hop, problems);
    NoticeScript(Attribute(attributes, "onload"), hop, problems);
    if (std::ranges::find(kTextElements, name) == std::end(kTextElements)) continue;
    const StringPiece text = TakeText(content, name);
    if (name == "script") NoticeScript(text, hop, problems);
  }
  return problems;
}

}  // namespace fingerpost::cli
