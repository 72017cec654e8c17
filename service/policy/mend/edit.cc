#include "policy/mend/edit.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fingerpost::policy::mend {
namespace {

// A path, a URL or an enum's name that no place of YAML takes for anything else.
bool IsPlain(std::string_view text) {
  const bool is_name = text.find('_') != text.npos && text.find(':') == text.npos;
  return !text.empty() && (text.front() == '/' || text.starts_with("http") || is_name) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') ||
                              std::string_view("/._~-%:_").find(c) != std::string_view::npos;
                     }) &&
         !text.ends_with(':');
}

std::string DoubleQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string SingleQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

// A field of a row: where it stands, with its quotes.
struct Field {
  size_t begin;
  size_t end;
};

// As the reader of maps splits rows (compiled/map_file.cc).
Field NextField(std::string_view row, size_t& at) {
  const size_t begin = std::min(row.find_first_not_of(" \t", at), row.size());
  size_t i = begin;
  if (i < row.size() && row[i] == '"') {
    for (++i; i < row.size(); ++i) {
      if (row[i] != '"') continue;
      if (i + 1 < row.size() && row[i + 1] == '"') {
        ++i;
      } else {
        break;
      }
    }
    const size_t end = std::min(i + 1, row.size());
    at = std::min(row.find(',', end), row.size());
    return {begin, end};
  }
  at = std::min(row.find(',', begin), row.size());
  size_t end = at;
  while (end > begin && (row[end - 1] == ' ' || row[end - 1] == '\t')) --end;
  return {begin, end};
}

// What a field says.
std::string TextOf(std::string_view field) {
  if (!field.starts_with('"')) return std::string(field);
  std::string out;
  for (size_t i = 1; i + 1 < field.size(); ++i) {
    out += field[i];
    if (field[i] == '"') ++i;
  }
  return out;
}

std::string CsvField(std::string_view text) {
  if (text.find_first_of(",\"") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

}  // namespace

Offsets::Offsets(std::string_view text)
    : text_(text), first_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0), offset_(first_) {}

size_t Offsets::Of(const message::Position& at) {
  if (std::pair(at.line, at.column) < std::pair(last_.line, last_.column)) {
    last_ = {1, 1};
    offset_ = first_;
  }
  for (; last_.line < at.line; ++last_.line, last_.column = 1) {
    const size_t end = text_.find('\n', offset_);
    if (end == text_.npos) return text_.npos;
    offset_ = end + 1;
  }
  for (; last_.column < at.column && offset_ < text_.size(); ++last_.column) ++offset_;
  return offset_;
}

std::optional<Edit> EditYaml(std::string_view text, size_t offset, std::string_view from,
                             std::string_view to) {
  if (offset >= text.size()) return std::nullopt;
  const std::string_view rest = text.substr(offset);
  std::string was(from);
  std::string becomes = IsPlain(to) ? std::string(to) : DoubleQuoted(to);
  if (rest.front() == '"') {
    was = DoubleQuoted(from);
    becomes = DoubleQuoted(to);
  } else if (rest.front() == '\'') {
    was = SingleQuoted(from);
    becomes = SingleQuoted(to);
  }
  if (!rest.starts_with(was)) return std::nullopt;
  return Edit{.begin = offset, .end = offset + was.size(), .text = std::move(becomes)};
}

std::string Edited(std::string_view text, std::vector<Edit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  std::string out;
  size_t done = 0;
  for (const Edit& edit : edits) {
    out.append(text.substr(done, edit.begin - done)).append(edit.text);
    done = edit.end;
  }
  return out.append(text.substr(done));
}

std::optional<std::string> EditRow(std::string_view row, std::string_view from,
                                   std::string_view target, int code) {
  size_t at = 0;
  std::array<Field, 3> fields{};
  size_t count = 0;
  while (count < fields.size()) {
    fields[count++] = NextField(row, at);
    if (at >= row.size()) break;
    ++at;
  }
  if (TextOf(row.substr(fields[1].begin, fields[1].end - fields[1].begin)) != from) {
    return std::nullopt;
  }
  std::string out(row.substr(0, fields[1].begin));
  out += CsvField(target);
  if (code == 0) return out.append(row.substr(fields[1].end));
  if (count < 3) return absl::StrCat(out, ",", code);
  absl::StrAppend(&out, std::string(row.substr(fields[1].end, fields[2].begin - fields[1].end)),
                  code);
  return out.append(row.substr(fields[2].end));
}

}  // namespace fingerpost::policy::mend
