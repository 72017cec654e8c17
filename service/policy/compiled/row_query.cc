#include "policy/compiled/row_query.h"

#include <algorithm>
#include <tuple>

#include "core/http/percent_encoding.h"
#include "core/http/url.h"

namespace fingerpost::policy::compiled {
namespace {

// Nothing of it is encoded, nor has to be.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), http::IsUnreserved);
}

// As application/x-www-form-urlencoded (WHATWG URL Standard §5.1).
void AppendDecoded(std::string_view text, std::string& out) {
  if (IsPlain(text)) {
    out += text;
    return;
  }
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  http::AppendEncoded(ada::unicode::percent_decode(spaced, spaced.find('%')), out);
}

void AppendPair(std::string_view text, std::string& out) {
  const size_t end = std::min(text.find('='), text.size());
  AppendDecoded(text.substr(0, end), out);
  out += '=';
  AppendDecoded(text.substr(std::min(end + 1, text.size())), out);
}

void AppendParameter(std::string_view pair, std::string& key) {
  key += key.find('?') == key.npos ? '?' : '&';
  key += pair;
}

MapEntry Split(MapEntry row) {
  const size_t end = row.path.find('?');
  row.query = row.path.substr(end + 1);
  row.path = row.path.substr(0, end);
  return row;
}

}  // namespace

Parameters ParametersOf(std::string_view query, size_t most) {
  Parameters parameters;
  if (query.starts_with('?')) query.remove_prefix(1);
  if (query.empty()) return parameters;
  const auto ends = static_cast<size_t>(std::count(query.begin(), query.end(), '&'));
  parameters.pairs.reserve(std::min(ends + 1, most));
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    ++parameters.all;
    if (parameters.pairs.size() < most) AppendPair(pair, parameters.pairs.emplace_back());
  }
  std::sort(parameters.pairs.begin(), parameters.pairs.end());
  return parameters;
}

std::string Joined(const std::vector<std::string>& pairs) {
  std::string query;
  for (const std::string& pair : pairs) {
    if (!query.empty()) query += '&';
    query += pair;
  }
  return query;
}

std::optional<MapEntry> QueryRows::Add(const MapEntry& row, uint64_t hash) {
  MapEntry keyed = row;
  keyed.path = SourceOf(row);
  if (const auto same = rows_.Add(keyed, hash)) return Split(*same);
  AddKeys(keyed, hash);
  while (keys_.is_full()) {
    keys_ = keys_.Larger();
    rows_.ForEach(
        [this](const MapEntry& each) { AddKeys(each, MapTable::HashOf(each.host, each.path)); });
  }
  return std::nullopt;
}

void QueryRows::AddKeys(const MapEntry& keyed, uint64_t hash) {
  keys_.Add(hash, {.is_row = true});
  for (size_t end = keyed.path.size(); end == keyed.path.size() || keyed.path[end] != '?';) {
    while (keyed.path[--end] != '?' && keyed.path[end] != '&') {
    }
    keys_.Add(MapTable::HashOf(keyed.host, keyed.path.substr(0, end)), {.goes_on = true});
  }
}

// Goes from each beginning that a row goes on from to the longer ones, with the parameters in their
// order.
class QueryRows::Search {
 public:
  Search(const QueryRows& rows, HostId host, std::string_view path,
         const std::vector<std::string>& pairs)
      : rows_(rows), host_(host), pairs_(pairs) {
    key_.reserve(path.size() + 64);  // For most, the only allocation.
    key_ = path;
  }

  std::vector<QueryMatch> Run() && {
    if (rows_.keys_.Find(MapTable::HashOf(host_, key_)).goes_on) From(0, 0);
    std::sort(found_.begin(), found_.end(), [](const QueryMatch& a, const QueryMatch& b) {
      return std::make_tuple(b.parameters, a.row.map, a.row.line) <
             std::make_tuple(a.parameters, b.row.map, b.row.line);
    });
    return std::move(found_);
  }

 private:
  void From(size_t first, size_t count) {
    const size_t size = key_.size();
    for (size_t i = first; i < pairs_.size(); ++i) {
      if (i > first && pairs_[i] == pairs_[i - 1]) continue;  // The same way once more.
      AppendParameter(pairs_[i], key_);
      const uint64_t hash = MapTable::HashOf(host_, key_);
      const KeyFilter::Known known = rows_.keys_.Find(hash);
      if (known.is_row) {
        const auto row = rows_.rows_.Find(host_, key_, hash);
        if (row) found_.push_back({Split(*row), count + 1});
      }
      if (known.goes_on) From(i + 1, count + 1);
      key_.resize(size);
    }
  }

  const QueryRows& rows_;
  const HostId host_;
  const std::vector<std::string>& pairs_;
  std::string key_;
  std::vector<QueryMatch> found_;
};

std::vector<QueryMatch> QueryRows::Find(HostId host, std::string_view path,
                                        const Parameters& request) const {
  if (size() == 0 || request.pairs.empty()) return {};
  return Search(*this, host, path, request.pairs).Run();
}

void QueryRows::ForEach(MapTable::Position from, MapTable::Position to,
                        absl::FunctionRef<void(const MapEntry&)> visit) const {
  rows_.ForEach(from, to, [visit](const MapEntry& row) { visit(Split(row)); });
}

}  // namespace fingerpost::policy::compiled
