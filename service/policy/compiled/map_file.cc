#include "policy/compiled/map_file.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/decide/placeholders.h"
#include "core/decide/target.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "core/http/url.h"
#include "core/message/utf8.h"
#include "policy/compiled/allowed_targets.h"
#include "policy/compiled/intent_faults.h"
#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {
namespace {

// Splits the next field off a CSV row (RFC 4180 without line breaks). False: a quote is open.
bool NextField(std::string_view& row, std::string& field) {
  row.remove_prefix(std::min(row.find_first_not_of(" \t"), row.size()));
  field.clear();
  if (!row.starts_with('"')) {
    const size_t end = std::min(row.find(','), row.size());
    field = http::TrimWhitespace(row.substr(0, end));
    row.remove_prefix(std::min(end + 1, row.size()));
    return true;
  }
  for (size_t i = 1; i < row.size(); ++i) {
    if (row[i] != '"') {
      field += row[i];
    } else if (i + 1 < row.size() && row[i + 1] == '"') {
      field += row[i++];
    } else {
      const size_t end = std::min(row.find(',', i), row.size());
      const bool closed = http::TrimWhitespace(row.substr(i + 1, end - i - 1)).empty();
      row.remove_prefix(std::min(end + 1, row.size()));
      return closed;
    }
  }
  return false;
}

std::optional<uint8_t> CodeIndex(std::string_view text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc() || end != text.data() + text.size() || code == 0) return std::nullopt;
  const auto found = std::find(kMapCodes.begin(), kMapCodes.end(), code);
  if (found == kMapCodes.end()) return std::nullopt;
  return static_cast<uint8_t>(found - kMapCodes.begin());
}

}  // namespace

MapReader::MapReader(const v1::Policy& policy, int index, std::string file, const Owner& owner,
                     HostTable& hosts, MapRows& rows, message::FaultList& problems)
    : map_(policy.maps(index)),
      folding_(FoldingOf(map_.case_(), map_.trailing_slash(), policy.defaults())),
      allowed_(policy),
      file_(std::move(file)),
      owner_(owner),
      hosts_(hosts),
      rows_(rows),
      problems_(problems) {
  entry_.map = static_cast<uint8_t>(index);
  if (map_.exact_query()) rows_.SetExactQuery(entry_.map);
  rows_.Begin(entry_.map);
  const auto host = ParseHostPattern(map_.host());
  if (host) map_host_ = hosts_.Add(*host);
  owns_map_host_ = owner_.OwnsHost(host.value_or(""));
  allowed_.Add(map_.intent().allowed_hosts());
  if (!map_.host().empty()) allowed_.Add(map_.host());
}

void MapReader::Fail(size_t column, std::string what) {
  AddAll();
  Report(message::Severity::kError, line_, column, std::move(what));
}

void MapReader::Report(message::Severity severity, uint32_t line, size_t column, std::string what) {
  const bool is_error = severity == message::Severity::kError;
  size_t& count = is_error ? errors_ : warnings_;
  if (++count == kMaxMapProblems) {
    what = is_error ? "has more problems than are listed; correct these first"
                    : "has more warnings than are listed";
  }
  if (count > kMaxMapProblems) return;
  problems_.push_back({severity, {}, std::move(what), file_, {line, column}});
}

bool MapReader::Feed(std::string_view piece) {
  for (size_t end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
    const std::string_view line = piece.substr(0, end);
    if (rest_.empty()) {
      if (!Line(line)) return false;
    } else {
      rest_ += line;
      if (!Line(rest_)) return false;
      rest_.clear();
    }
    piece.remove_prefix(end + 1);
  }
  rest_ += piece;
  if (rest_.size() <= kMaxMapLine) return true;
  ++line_;
  Fail(1, "the line is longer than 65536 octets; is this a map?");
  rest_.clear();
  full_ = true;
  return false;
}

void MapReader::Finish() {
  AddAll();
  if (rest_.empty() || full_) return;
  ++line_;
  Fail(1, "ends without a line end, as a file that was cut does; end the last row with one");
}

bool MapReader::Line(std::string_view line) {
  ++line_;
  if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty() || line.starts_with('#')) return true;
  if (line.size() > kMaxMapLine) {
    Fail(1, "the line is longer than 65536 octets; shorten its URLs");
    return true;
  }
  const bool ascii = std::none_of(line.begin(), line.end(), [](char c) { return c < 0; });
  if (!ascii && !message::IsUtf8(line)) {
    Fail(1, "is not UTF-8; save the file as UTF-8");
    return true;
  }
  if (!HasRoom()) return false;
  Row(line);
  return errors_ < kMaxMapProblems;
}

bool MapReader::HasRoom() {
  if (rows_.size() + waits_ >= MapTable::kMaxEntries) AddAll();
  if (rows_.size() < MapTable::kMaxEntries) return true;
  Fail(1, "the maps have more than 4000000 entries; use rules for patterns");
  full_ = true;
  return false;
}

void MapReader::Take(const Snapshot& snapshot, uint8_t index) {
  takes_ = true;
  const std::vector<std::string_view> patterns = snapshot.hosts.Patterns();
  std::vector<HostId> hosts(patterns.size(), kAnyHost);  // By that snapshot's number.
  uint32_t last_line = 0;
  snapshot.rules.maps().ForEachOf(index, [&, map = entry_.map](const MapEntry& row) {
    if (full_) return;
    entry_ = row;
    entry_.map = map;
    if (row.host != kAnyHost) {
      HostId& host = hosts[row.host];
      if (host == kAnyHost) host = hosts_.Add(std::string(patterns[row.host]));
      entry_.host = host;
    }
    line_ = row.line;
    last_line = std::max(last_line, row.line);
    if (!HasRoom()) return;
    Next().row = entry_;
    Wait();
  });
  AddAll();
  line_ = last_line;  // Those with a query come last.
}

void MapReader::Row(std::string_view line) {
  for (std::string& field : fields_) field.clear();
  std::array<size_t, 3> columns = {1, 1, 1};
  const size_t size = line.size();
  for (size_t i = 0; i < fields_.size() && !line.empty(); ++i) {
    columns[i] = size - line.size() + 1;
    if (!NextField(line, fields_[i])) {
      return Fail(columns[i], "a quoted field does not end; close it with '\"'");
    }
  }
  if (!http::TrimWhitespace(line).empty()) {
    return Fail(size - line.size() + 1,
                "has more than three fields; expected source,target[,code], a comma in a URL "
                "needs quotes around it");
  }
  if (line_ == 1 && http::EqualsIgnoreCase(fields_[0], "source")) return;
  const auto fail = [&](size_t i, std::string_view what) { Fail(columns[i], std::string(what)); };
  entry_.line = line_;
  if (!fields_[2].empty()) {
    const auto code = CodeIndex(fields_[2]);
    if (!code) return fail(2, "is not a code; expected 301, 302, 303, 307, 308, 404, 410 or 451");
    entry_.code = *code;
  } else {
    entry_.code = 0;
  }
  if (const std::string_view what = ReadSource(fields_[0]); !what.empty()) return fail(0, what);
  if (const std::string_view what = ReadTarget(fields_[1]); !what.empty()) return fail(1, what);
  Waiting& next = Next();
  next.source.assign(path_);
  if (!query_.empty()) next.source.append("?").append(query_);
  next.target.swap(fields_[1]);
  next.row = entry_;
  next.row.path = std::string_view(next.source).substr(0, path_.size());
  if (!query_.empty()) next.row.query = std::string_view(next.source).substr(path_.size() + 1);
  next.row.target = next.target;
  Wait();
}

std::string_view MapReader::TakeQuery(std::string_view& text) {
  const size_t mark = text.find('?');
  if (mark == text.npos) return {};
  Parameters parameters = ParametersOf(text.substr(mark), kMaxRowParameters + 1);
  text = text.substr(0, mark);
  if (parameters.pairs.empty()) return "has a query without parameters; remove the \"?\"";
  if (parameters.all > kMaxRowParameters) return "has more than 16 parameters; use a rule";
  parameters_ = std::move(parameters.pairs);
  query_ = Joined(parameters_);
  return {};
}

std::string_view MapReader::ReadSource(std::string_view text) {
  entry_.host = map_host_;
  parameters_.clear();
  query_.clear();
  owned_ = owns_map_host_;
  if (IsPlainPath(text)) {
    path_ = text;
  } else if (const std::string_view what = ReadOddSource(text); !what.empty()) {
    return what;
  }
  if (!owned_ || !owner_.OwnsPath(path_)) {
    not_owned_ = "is not within what this file owns: " + owner_.Text();
    if (entry_.host == kAnyHost && !owned_) not_owned_ += "; give the map a host";
    return not_owned_;
  }
  return path_.size() + 1 + query_.size() > MapTable::kMaxPath ? "is too long" : std::string_view();
}

std::string_view MapReader::ReadOddSource(std::string_view text) {
  if (text.find('#') != text.npos || http::HasControl(text)) {
    return "can never match: a source has no fragment and no control; remove it";
  }
  if (const std::string_view what = TakeQuery(text); !what.empty()) return what;
  if (text.starts_with('/')) {
    auto path = ParsePath(text);
    if (!path) return "is not a path that a URL can have";
    path_ = *std::move(path);
    return {};
  }
  const auto url = http::ParseUrl(text);
  if (!url || !http::IsHttp(*url)) {
    return "is not a source; expected a path (\"/old\") or a URL "
           "(\"https://www.example.com/old\")";
  }
  if (http::HasUserinfo(*url)) return "has a user name; remove it";
  std::string buffer;
  path_ = NormalPath(url->get_pathname(), buffer);
  const std::string host(url->get_hostname());
  owned_ = owner_.OwnsHost(host);
  entry_.host = hosts_.Add(host);
  return {};
}

bool MapReader::Matches(std::string_view path, std::string_view query) const {
  const bool is_path = folding_ == Folding::kNone
                           ? path == path_
                           : Folded(path, folding_) == Folded(path_, folding_);
  if (!is_path || parameters_.empty()) return is_path;
  const Parameters there = ParametersOf(query, kMaxComparedParameters);
  return std::includes(there.pairs.begin(), there.pairs.end(), parameters_.begin(),
                       parameters_.end()) &&
         (!map_.exact_query() || there.all == parameters_.size());
}

bool MapReader::IsOwnPath(std::string_view text) const {
  text = text.substr(0, text.find('#'));
  const size_t mark = std::min(text.find('?'), text.size());
  const std::string_view query = text.substr(mark);
  text = text.substr(0, mark);
  if (IsPlainPath(text)) return Matches(text, query);
  const auto path = ParsePath(text);
  return path && Matches(*path, query);
}

bool MapReader::IsOwnUrl(const http::Url& url) const {
  std::string buffer;
  if (entry_.host == kAnyHost ||
      !Matches(NormalPath(url.get_pathname(), buffer), url.get_search())) {
    return false;
  }
  HostIds matched;
  hosts_.Match(url.get_hostname(), matched);
  return std::find(matched.begin(), matched.end(), entry_.host) != matched.end();
}

std::string_view MapReader::ReadTarget(std::string_view text) {
  if (kMapCodes[entry_.code] >= 400) {
    return text.empty() ? std::string_view()
                        : "404, 410 and 451 have no target; leave the field empty";
  }
  if (text.empty()) return "has no target; give one, or the code 404, 410 or 451";
  if (text.size() > decide::kMaxLocation) return "is longer than 8000 octets; shorten it";
  if (http::HasControl(text)) return "holds a control character; remove it";
  if (decide::BeforePlaceholders(text).size() != text.size()) {
    return "has a placeholder, and rows capture nothing; use a rule, or write \"%7B\" and \"%7D\" "
           "for braces";
  }
  if (http::LacksTwoSlashes(text)) return kTwoSlashesExpected;
  constexpr std::string_view kToItself = "redirects to itself; remove the row";
  if (text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\")) {
    return IsOwnPath(text) ? kToItself : std::string_view();
  }
  const auto url = http::ParseUrl(text);
  if (!url || !http::IsHttp(*url)) {
    return "is not a target; expected a path (\"/new\") or an http or https URL";
  }
  if (http::HasUserinfo(*url)) return "has a user name; remove it";
  if (IsOwnUrl(*url)) return kToItself;
  // Most rows of a map lead to one host.
  if (url->get_host() == last_allowed_) return {};
  if (!allowed_.Allows(*url)) return kHostNotAllowed;
  last_allowed_ = url->get_host();
  return {};
}

void MapReader::Wait() {
  Waiting& last = Next();
  last.hash = rows_.Prepare(last.row);
  if (++waits_ == kWaiting) AddFirst();
}

void MapReader::AddAll() {
  while (waits_ > 0) AddFirst();
}

void MapReader::AddFirst() {
  const Waiting& first = waiting_[first_];
  first_ = (first_ + 1) % kWaiting;
  --waits_;
  if (errors_ >= kMaxMapProblems) return;  // Nobody reads on, nor answers by the rows.
  const MapEntry& row = first.row;
  const MapRows::Met met = rows_.Add(row, first.hash, folding_);
  const std::optional<MapEntry>& before = met.same ? met.same : met.folding;
  if (!before) return;
  const bool other = before->map != row.map;
  met_other_ = met_other_ || other;
  if (takes_ && !other) return;
  const bool same = before->target == row.target && before->code == row.code;
  std::string where = other ? "another map's line " : "line ";
  where += std::to_string(before->line);
  const auto tell = [&](message::Severity severity, std::string what) {
    Report(severity, row.line, 1, std::move(what));
  };
  if (same) {
    tell(message::Severity::kWarning,
         (met.same ? "repeats " : "is answered by ") + where + "; remove one");
  } else if (met.same) {
    tell(message::Severity::kError, "has the source of " + where + " and another answer; keep one");
  } else if (FoldsCase(folding_)) {
    tell(message::Severity::kWarning,
         "is one path with " + where + ", which answers every spelling but these two; keep one");
  }
}

}  // namespace fingerpost::policy::compiled
