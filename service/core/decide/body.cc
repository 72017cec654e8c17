#include "core/decide/body.h"

#include <cstring>
#include <initializer_list>

#include "core/decide/status_facts.h"
#include "core/decide/target.h"
#include "core/http/markup.h"
#include "core/message/json.h"

namespace fingerpost::decide {
namespace {

using namespace std::string_view_literals;

// "303 See Other". Every possible status has its facts.
std::string_view StatusLine(int32_t status) {
  const StatusFacts* facts = FindStatusFacts(status);
  return facts == nullptr ? std::string_view() : facts->line;
}

// Grows `out` only once; `parts` must not point into it.
void Append(std::initializer_list<std::string_view> parts, std::string& out) {
  size_t at = out.size();
  size_t size = at;
  for (const std::string_view part : parts) size += part.size();
  out.resize(size);
  for (const std::string_view part : parts) {
    std::memcpy(out.data() + at, part.data(), part.size());
    at += part.size();
  }
}

// An alternative of 300. Without a title, the location is the text of the link.
void AppendItem(std::string_view location, std::string_view title, std::string& out) {
  std::string escaped_location;
  std::string escaped_title;
  const std::string_view href = http::Escaped(location, escaped_location);
  const std::string_view text = title.empty() ? href : http::Escaped(title, escaped_title);
  Append({"<li><a href=\""sv, href, "\">"sv, text, "</a></li>"sv}, out);
}

std::string_view LocationOf(const Question& question, size_t alternative) {
  return LocationText(question.alternatives[alternative]);
}

// Alternatives are checked only for a 300, which alone leads to them.
bool ListsAlternatives(const Question& question, const Content& content) {
  return content.status == 300 && !question.alternatives.empty();
}

void WriteHtml(const Question& question, const Content& content, std::string& out) {
  constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>)";
  constexpr std::string_view kBody = "</title></head><body><p>";
  constexpr std::string_view kEnd = "</body></html>\n";
  const std::string_view status = StatusLine(content.status);
  if (content.location.empty()) {
    Append({kHead, status, kBody, status, "</p>"sv}, out);
  } else {
    std::string escaped;
    const std::string_view href = http::Escaped(content.location, escaped);
    Append({kHead, status, kBody, status, ": <a href=\""sv, href, "\">"sv, href, "</a></p>"sv},
           out);
  }
  if (ListsAlternatives(question, content)) {
    out += "<ul>"sv;
    for (size_t i = 0; i < question.alternatives.size(); ++i) {
      AppendItem(LocationOf(question, i), question.intent.alternatives(static_cast<int>(i)).title(),
                 out);
    }
    out += "</ul>"sv;
  }
  out += kEnd;
}

void AppendMember(std::string_view name, std::string_view value, std::string& out) {
  if (value.empty()) return;
  out += ",\"";
  out += name;
  out += "\":";
  message::AppendJsonString(value, out);
}

void WriteJson(const Question& question, const Content& content, std::string& out) {
  out += "{\"status\":";
  out += std::to_string(content.status);
  AppendMember("location", content.location, out);
  if (ListsAlternatives(question, content)) {
    out += ",\"alternatives\":[";
    for (size_t i = 0; i < question.alternatives.size(); ++i) {
      const v1::Alternative& alternative = question.intent.alternatives(static_cast<int>(i));
      out += i == 0 ? "{\"location\":" : ",{\"location\":";
      message::AppendJsonString(LocationOf(question, i), out);
      AppendMember("media_type", alternative.media_type(), out);
      AppendMember("language", alternative.language(), out);
      AppendMember("title", alternative.title(), out);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

void WriteText(const Question& question, const Content& content, std::string& out) {
  out += StatusLine(content.status);
  if (!content.location.empty()) {
    out += ": ";
    out += content.location;
  }
  out += '\n';
  if (!ListsAlternatives(question, content)) return;
  for (size_t i = 0; i < question.alternatives.size(); ++i) {
    out += LocationOf(question, i);
    out += '\n';
  }
}

}  // namespace

Negotiated Negotiate(const Question& question, const Row& row) {
  if (row.note == Note::kAlwaysJson) return {http::Format::kJson, {}};
  http::Format otherwise = row.note == Note::kJson ? http::Format::kJson : http::Format::kHtml;
  const v1::ClientKind declared = question.intent.client();
  if (http::IsProgram(declared)) otherwise = http::Format::kJson;
  if (declared == v1::CLIENT_KIND_BROWSER || declared == v1::CLIENT_KIND_CRAWLER) {
    otherwise = http::Format::kHtml;
  }
  return {http::ChooseByAccept(question.request.headers(), otherwise), http::kAccept};
}

void WriteBody(const Question& question, http::Format format, const Content& content,
               AnswerWriter& answer) {
  std::string& body = *answer.out().mutable_body();
  switch (format) {
    case http::Format::kHtml:
      WriteHtml(question, content, body);
      answer.Field(kContentType, "text/html; charset=utf-8");
      break;
    case http::Format::kJson:
      WriteJson(question, content, body);
      answer.Field(kContentType, "application/json");
      break;
    case http::Format::kText:
      WriteText(question, content, body);
      answer.Field(kContentType, "text/plain; charset=utf-8");
      break;
  }
  answer.Field(kContentLength) = std::to_string(body.size());
  answer.Field(kContentTypeOptions, "nosniff");
  answer.Field(kContentSecurityPolicy, "default-src 'none'");
  // HEAD gets GET's fields without the content (RFC 9110 §9.3.2).
  if (question.request.method == "HEAD") body.clear();
}

}  // namespace fingerpost::decide
