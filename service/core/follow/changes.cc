#include "core/follow/changes.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/http/citations.h"
#include "core/message/utf8.h"

namespace fingerpost::follow {
namespace {

// One sentence and its sources for each reason.
struct Sentence {
  v1::ChangeReason reason;
  std::string_view message;
  http::Citations citations;
};

constexpr std::array<Sentence, 18> kSentences = {{
    {v1::CHANGE_REASON_LOCATION,
     "Location names the next URL.",
     {"RFC 9110 §10.2.2", "RFC 9110 §15.4"}},
    {v1::CHANGE_REASON_SEE_OTHER, "303 asks for the result with GET.", {"RFC 9110 §15.4.4"}},
    {v1::CHANGE_REASON_POST_TO_GET,
     "301 and 302 turn POST into GET.",
     {"RFC 9110 §15.4.2", "Fetch, HTTP-redirect fetch"}},
    {v1::CHANGE_REASON_CONTENT_DROPPED,
     "It belongs to content that is not sent again.",
     {"RFC 9110 §15.4"}},
    {v1::CHANGE_REASON_ORIGIN_CHANGED,
     "It is meant for the origin that is left.",
     {"RFC 9110 §15.4", "Fetch, HTTP-redirect fetch"}},
    {v1::CHANGE_REASON_DECLARED_SECRET,
     "It is declared a secret of the origin that is left.",
     {"RFC 9110 §15.4"}},
    {v1::CHANGE_REASON_CONNECTION_SPECIFIC,
     "It belongs to the connection, not to the request.",
     {"RFC 9110 §7.6.1"}},
    {v1::CHANGE_REASON_PROXY, "It belongs to the proxy of the last hop.", {"RFC 9110 §11.7"}},
    {v1::CHANGE_REASON_PRECONDITION,
     "It is a condition on the old URL's representation, or was sent on one.",
     {"RFC 9110 §15.4", "RFC 9110 §13.1"}},
    {v1::CHANGE_REASON_COOKIE_JAR,
     "The jar decides which cookies are sent.",
     {"RFC 6265bis §5.8.4"}},
    {v1::CHANGE_REASON_HOST, "The host changed.", {"RFC 9110 §7.2"}},
    {v1::CHANGE_REASON_TAINTED_ORIGIN,
     "The chain has left an origin that is not the request's own.",
     {"Fetch, serializing a request origin"}},
    {v1::CHANGE_REASON_REFERRER_POLICY,
     "The next origin learns no more of the referrer than the policy allows.",
     {"Referrer Policy §8.3", "RFC 9110 §10.1.3"}},
    {v1::CHANGE_REASON_USERINFO, "Userinfo is never carried on in a URL.", {"RFC 9110 §4.2.4"}},
    {v1::CHANGE_REASON_RESTORED,
     "The client starts every hop from the first request's fields.",
     {}},
    {v1::CHANGE_REASON_CLIENT_HABIT, "A habit of this client.", {}},
    {v1::CHANGE_REASON_FETCH_METADATA,
     "It tells how the chain's origins relate, to trustworthy URLs only.",
     {"Fetch Metadata, set the Sec-Fetch-Site header"}},
    {v1::CHANGE_REASON_SERIALIZED,
     "The URL that was checked is the one that is sent: as the parser writes it.",
     {"WHATWG URL §4.5"}},
}};

// The table is in the order of the enum, so a reason is an index.
static_assert([] {
  for (size_t i = 0; i < kSentences.size(); ++i) {
    if (static_cast<size_t>(kSentences[i].reason) != i + 1) return false;
  }
  return kSentences.size() == static_cast<size_t>(v1::ChangeReason_MAX);
}());

// A change of the request as a whole has at most a value. A change of a field has the field, and an
// index unless it is added.
v1::Change& Add(v1::ChangeKind kind, v1::ChangeReason reason, v1::FollowResponse& out) {
  v1::Change& change = *out.add_changes();
  change.set_kind(kind);
  change.set_reason(reason);
  return change;
}

void AddWhole(v1::ChangeKind kind, v1::ChangeReason reason, std::string_view value,
              v1::FollowResponse& out) {
  Add(kind, reason, out).mutable_value()->assign(value);
}

v1::Header& AddField(v1::ChangeKind kind, v1::ChangeReason reason, int index,
                     v1::FollowResponse& out) {
  v1::Change& change = Add(kind, reason, out);
  change.set_index(static_cast<uint32_t>(index));
  return *change.mutable_field();
}

void WriteTexts(google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  for (v1::Change& change : changes) {
    const Sentence& sentence = kSentences[static_cast<size_t>(change.reason()) - 1];
    change.mutable_message()->assign(sentence.message);
    http::Cite(sentence.citations, change);
  }
}

// Writes `octets` into the member that `content` names; without one, the value is withheld.
void SetContent(v1::Header::ContentCase content, const std::string& octets, v1::Header& to) {
  if (content == v1::Header::kValue) to.set_value(octets);
  if (content == v1::Header::kRawValue) to.set_raw_value(octets);
}

}  // namespace

Changes::Changes(const v1::HttpRequest& request)
    : request_(request),
      url_(request.url()),
      method_(request.method()),
      existing_(static_cast<size_t>(request.headers_size())) {}

void Changes::SetMethod(std::string_view method, v1::ChangeReason reason) {
  method_ = method;
  method_reason_ = reason;
}

void Changes::Drop(int index, v1::ChangeReason reason) {
  FieldChange& change = existing_[static_cast<size_t>(index)];
  if (change.kind == v1::CHANGE_KIND_UNSPECIFIED)
    change = {v1::CHANGE_KIND_FIELD_DROPPED, reason, -1};
}

void Changes::Rewrite(int index, std::string_view value, v1::ChangeReason reason) {
  FieldChange& change = existing_[static_cast<size_t>(index)];
  const v1::Header& header = request_.headers(index);
  if (change.kind != v1::CHANGE_KIND_UNSPECIFIED ||
      (!http::IsWithheld(header) && http::ValueOf(header) == value))
    return;
  change = {v1::CHANGE_KIND_FIELD_REWRITTEN, reason, static_cast<int>(fields_.size())};
  AddNew(v1::CHANGE_KIND_FIELD_REWRITTEN, reason, header.name(), value);
}

void Changes::Add(std::string_view name, std::string_view value, v1::ChangeReason reason) {
  AddNew(v1::CHANGE_KIND_FIELD_ADDED, reason, name, value);
}

void Changes::Add(const v1::Header& header, v1::ChangeReason reason) {
  fields_.push_back({v1::CHANGE_KIND_FIELD_ADDED, reason, header.name(),
                     std::string(http::ValueOf(header)), header.content_case()});
}

void Changes::AddNew(v1::ChangeKind kind, v1::ChangeReason reason, std::string_view name,
                     std::string_view value) {
  fields_.push_back({kind, reason, std::string(name), std::string(value),
                     message::IsUtf8(value) ? v1::Header::kValue : v1::Header::kRawValue});
}

void Changes::NewField::Write(v1::Header& to) const {
  to.set_name(name);
  SetContent(content, octets, to);
}

void Changes::Write(v1::FollowResponse& out, bool texts) const {
  if (url_ != request_.url()) AddWhole(v1::CHANGE_KIND_URL, url_reason_, url_, out);
  if (method_ != request_.method()) {
    AddWhole(v1::CHANGE_KIND_METHOD, method_reason_, method_, out);
  }
  if (body_reason_ != v1::CHANGE_REASON_UNSPECIFIED) {
    AddWhole(v1::CHANGE_KIND_BODY_DROPPED, body_reason_, {}, out);
  }
  for (int i = 0; i < request_.headers_size(); ++i) {
    const FieldChange& change = at(i);
    if (change.kind == v1::CHANGE_KIND_UNSPECIFIED) continue;
    v1::Header& field = AddField(change.kind, change.reason, i, out);
    if (change.field < 0) {
      field.set_name(request_.headers(i).name());
    } else {
      fields_[static_cast<size_t>(change.field)].Write(field);
    }
  }
  for (const NewField& added : fields_) {
    if (added.kind != v1::CHANGE_KIND_FIELD_ADDED) continue;
    added.Write(AddField(added.kind, added.reason, 0, out));
  }
  if (texts) WriteTexts(*out.mutable_changes());
  // Allocated before it is a member: mutable_next() without memory would leave a wild pointer.
  if (!out.has_next()) out.set_allocated_next(std::make_unique<v1::HttpRequest>().release());
  ApplyChanges(request_, out.changes(), *out.mutable_next());
}

void ApplyChanges(const v1::HttpRequest& request,
                  const google::protobuf::RepeatedPtrField<v1::Change>& changes,
                  v1::HttpRequest& next) {
  std::string_view method = request.method();
  std::string_view url = request.url();
  next.set_protocol(request.protocol());
  next.set_body(request.body());
  http::Headers& fields = *next.mutable_headers();
  fields.Reserve(request.headers_size());
  int copied = 0;
  const auto copy_until = [&](int end) {
    for (; copied < std::min(end, request.headers_size()); ++copied)
      *fields.Add() = request.headers(copied);
  };
  for (const v1::Change& change : changes) {
    switch (change.kind()) {
      case v1::CHANGE_KIND_METHOD:
        method = change.value();
        break;
      case v1::CHANGE_KIND_URL:
        url = change.value();
        break;
      case v1::CHANGE_KIND_BODY_DROPPED:
        next.set_body(v1::BODY_NONE);
        break;
      case v1::CHANGE_KIND_FIELD_DROPPED:
        copy_until(static_cast<int>(change.index()));
        ++copied;
        break;
      case v1::CHANGE_KIND_FIELD_REWRITTEN:
        copy_until(static_cast<int>(change.index()));
        ++copied;
        *fields.Add() = change.field();
        break;
      case v1::CHANGE_KIND_FIELD_ADDED:
        copy_until(request.headers_size());
        *fields.Add() = change.field();
        break;
      default:
        break;
    }
  }
  copy_until(request.headers_size());
  next.mutable_method()->assign(method);
  next.mutable_url()->assign(url);
}

}  // namespace fingerpost::follow
