#include "policy/compiled/handed_out.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "core/message/json.h"

namespace fingerpost::policy::compiled {
namespace {

// Forms that are kept: each asked for again costs a few milliseconds.
constexpr size_t kMostForms = 64;
constexpr size_t kMostOctets = size_t{32} << 20;

// Maps are in the order of their keys.
std::string Serialized(const v1::Policy& policy) {
  std::string octets;
  octets.reserve(policy.ByteSizeLong());
  google::protobuf::io::StringOutputStream out(&octets);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  policy.SerializeToCodedStream(&coded);
  coded.Trim();
  return octets;
}

std::string DocumentOf(const v1::Policy& policy) {
  if (policy.include().empty()) return Serialized(policy);
  v1::Policy whole = policy;
  whole.clear_include();
  return Serialized(whole);
}

// handed_out of the whole policy, which is the last field: the others need not be read again.
std::string LastField(const std::string& version, const StringMap<std::string>& origins,
                      const HandedOut::Rows& rows) {
  v1::Policy last;
  v1::HandedOut& out = *last.mutable_handed_out();
  out.set_version(version);
  for (const auto& [map, text] : rows) (*out.mutable_rows())[map] = *text;
  for (const auto& [name, place] : origins) (*out.mutable_origins())[name] = place;
  return Serialized(last);
}

// A form's name. No octets of a selector begin like that of JSON.
std::string JsonKey(const Selector& selector) { return "json " + selector.key(); }

}  // namespace

HandedOut::HandedOut(const v1::Policy& policy, std::string version, StringMap<std::string> origins,
                     RowHosts row_hosts, Rows rows)
    : version_(std::move(version)),
      origins_(std::move(origins)),
      row_hosts_(std::move(row_hosts)),
      rows_(std::move(rows)),
      document_(DocumentOf(policy)) {}

const v1::Policy& HandedOut::Policy() const {
  // They are octets of this process.
  std::call_once(read_, [this] { (void)policy_.ParseFromString(document_); });
  return policy_;
}

void HandedOut::AddHandedOut(const Selector& selector, v1::Policy& part) const {
  v1::HandedOut& out = *part.mutable_handed_out();
  out.set_version(version_);
  *out.mutable_selector() = selector.ToMessage();
  for (const v1::MapFile& map : part.maps()) {
    const auto rows = std::find_if(rows_.begin(), rows_.end(),
                                   [&map](const auto& of) { return of.first == map.name(); });
    if (rows != rows_.end()) (*out.mutable_rows())[map.name()] = *rows->second;
  }
  const auto add_origin = [&](const std::string& name) {
    const auto origin = origins_.find(name);
    if (origin != origins_.end()) (*out.mutable_origins())[name] = origin->second;
  };
  for (const v1::Rule& rule : part.rules()) add_origin("rule." + rule.id());
  for (const v1::MapFile& map : part.maps()) add_origin("map." + map.name());
}

// Requires the lock.
HandedOut::Text HandedOut::FindMade(const std::string& key) const {
  const auto made =
      std::find_if(made_.begin(), made_.end(), [&key](const Made& of) { return of.key == key; });
  return made == made_.end() ? nullptr : made->text;
}

// Two threads that want it first make it twice, and share one.
template <typename Make>
HandedOut::Text HandedOut::Once(const std::string& key, Make make) const {
  {
    const std::lock_guard lock(mutex_);
    if (Text made = FindMade(key)) return made;
  }
  auto text = std::make_shared<const std::string>(make());
  const std::lock_guard lock(mutex_);
  if (Text made = FindMade(key)) return made;
  made_.push_front({key, text});
  octets_ += key.size() + text->size();
  while (made_.size() > 1 && (made_.size() > kMostForms || octets_ > kMostOctets)) {
    octets_ -= made_.back().key.size() + made_.back().text->size();
    made_.pop_back();
  }
  return text;
}

HandedOut::Text HandedOut::Find(const Selector& selector) const {
  const std::lock_guard lock(mutex_);
  return FindMade(selector.key());
}

HandedOut::Text HandedOut::Octets(const Selector& selector) const {
  return Once(selector.key(), [&] {
    if (selector.is_all()) return document_ + LastField(version_, origins_, rows_);
    v1::Policy part = selector.Cut(Policy(), row_hosts_);
    AddHandedOut(selector, part);
    return Serialized(part);
  });
}

HandedOut::Text HandedOut::Json(const Selector& selector) const {
  return Once(JsonKey(selector), [&] {
    std::string json;
    message::AppendJson(selector.is_all() ? Policy() : selector.Cut(Policy(), row_hosts_), json);
    json += '\n';
    return json;
  });
}

}  // namespace fingerpost::policy::compiled
