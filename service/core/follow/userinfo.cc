#include "core/follow/userinfo.h"

#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "core/follow/chain.h"
#include "core/http/percent_encoding.h"

namespace fingerpost::follow {
namespace {

constexpr const char* kName = "Authorization";

// Clients withhold userinfo as "-@". They put back what they made of it.
bool IsWithheldUserinfo(const http::Url& url) {
  return url.get_username() == "-" && url.get_password().empty();
}

// UTF-8 as Latin-1, where it can be.
std::string AsLatin1(const std::string& text) {
  std::string latin1;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<uint8_t>(text[i]);
    if (lead < 0x80) {
      latin1 += text[i];
    } else if ((lead == 0xC2 || lead == 0xC3) && i + 1 < text.size()) {
      latin1 += static_cast<char>((lead & 3) << 6 | (static_cast<uint8_t>(text[++i]) & 0x3F));
    } else {
      return text;
    }
  }
  return latin1;
}

v1::Header BasicOf(const http::Url& url, const Profile& profile) {
  v1::Header basic;
  basic.set_name(kName);
  if (IsWithheldUserinfo(url)) return basic;
  const BasicRule& rule = profile.basic;
  std::string pair(url.get_username());
  if (!rule.drops_last_colon || !url.get_password().empty()) pair += ':';
  pair += url.get_password();
  if (!rule.keeps_escapes) pair = http::Decode(pair);
  std::string encoded;
  absl::Base64Escape(rule.latin1 ? AsLatin1(pair) : pair, &encoded);
  basic.set_value("Basic " + encoded);
  return basic;
}

// "user:pw@" of "http://user:pw@a.test/": the parser forgets marks around nothing.
std::string_view UserinfoOf(std::string_view text) {
  text.remove_prefix(std::min(text.find("//"), text.size()));
  text.remove_prefix(std::min<size_t>(2, text.size()));
  text = text.substr(0, text.find_first_of("/?#"));
  return text.substr(0, text.rfind('@') + 1);  // npos + 1 is 0.
}

// Whether the userinfo of a URL's text has a colon.
bool HasPassword(std::string_view text) { return UserinfoOf(text).find(':') != text.npos; }

// Whether the client makes something of the URL's userinfo; `text` is the URL as it was written.
bool Counts(const http::Url& url, std::string_view text, const Profile& profile) {
  if (http::HasUserinfo(url)) return true;
  const std::string_view userinfo = UserinfoOf(text);
  return (profile.basic.of_empty && userinfo == "@") ||
         (profile.basic.of_empty_pair && userinfo == ":@");
}

bool IsAuthorization(const v1::Header& header) {
  return http::EqualsIgnoreCase(header.name(), kName);
}

bool HasAuthorization(const http::Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), IsAuthorization);
}

// Whether a line of Authorization is left.
bool KeepsAuthorization(const http::Headers& headers, const Changes& changes) {
  for (int i = 0; i < headers.size(); ++i) {
    if (!changes.IsDropped(i) && IsAuthorization(headers[i])) return true;
  }
  return false;
}

void DropAuthorization(const http::Headers& headers, Changes& changes) {
  for (int i = 0; i < headers.size(); ++i) {
    if (IsAuthorization(headers[i])) changes.Drop(i, v1::CHANGE_REASON_USERINFO);
  }
}

void AddBasic(const v1::Header& basic, v1::Chain& chain, Changes& changes) {
  changes.Add(basic, v1::CHANGE_REASON_USERINFO);
  RememberAdded(kName, chain);
}

bool StaysWithUrl(const Profile& profile) {
  return profile.userinfo == Userinfo::kAuthorizeIfAbsent ||
         profile.userinfo == Userinfo::kAuthorizeUnlessGiven;
}

// The last line that is left, which an earlier hop added.
void DropLastAuthorization(const http::Headers& headers, Changes& changes) {
  for (int i = headers.size() - 1; i >= 0; --i) {
    if (changes.IsDropped(i) || !IsAuthorization(headers[i])) continue;
    return changes.Drop(i, v1::CHANGE_REASON_USERINFO);
  }
}

// A URL's userinfo goes where that URL goes, and no further.
void WriteUserinfoOfUrl(const UserinfoInput& in, v1::Chain& chain, Changes& changes) {
  const bool names_authority = (in.facts.when & kNewAuthority) != 0;
  const http::Headers& headers = in.request.headers();
  const bool beside = in.profile.userinfo == Userinfo::kAuthorizeBeside;
  if (beside && names_authority && WasAdded(kName, chain)) DropLastAuthorization(headers, changes);
  if (names_authority) ForgetAdded(kName, chain);
  const bool given = HasAuthorization(chain.set_aside()) ||
                     (!in.facts.authorization_is_derived && HasAuthorization(headers));
  const bool inherits =
      in.profile.request_userinfo == RequestUserinfo::kInherited && !NamesAuthority(in.location);
  const http::Url& url = inherits ? in.written : in.next;
  if (!Counts(url, inherits ? in.request.url() : in.location, in.profile) ||
      (!beside && KeepsAuthorization(headers, changes)) ||
      (given && in.profile.userinfo == Userinfo::kAuthorizeUnlessGiven))
    return;
  AddBasic(BasicOf(url, in.profile), chain, changes);
}

// What the client made of the first URL's userinfo: of the URL itself, in the request, or set
// aside. Without a name: nothing.
v1::Header BasicOfFirst(const UserinfoInput& in, const v1::Chain& chain) {
  if (chain.count() == 0)
    return http::HasUserinfo(in.written) ? BasicOf(in.written, in.profile) : v1::Header();
  for (const http::Headers* headers : {&in.request.headers(), &chain.set_aside()}) {
    if (headers == &in.request.headers() && !WasAdded(kName, chain)) continue;
    const auto found = std::find_if(headers->begin(), headers->end(), IsAuthorization);
    if (found != headers->end()) return *found;
  }
  return {};
}

// The first URL's userinfo goes to its origin, whatever lies between.
void WriteUserinfoOfFirst(const UserinfoInput& in, v1::Chain& chain, Changes& changes) {
  const v1::Header basic = BasicOfFirst(in, chain);
  if (basic.name().empty()) return;
  const auto first = http::ParseUrl(chain.first_url());
  const bool is_there = first && http::SameOrigin(*first, in.next);
  if (is_there && WasAdded(kName, chain)) return;  // The request has it.
  DropAuthorization(in.request.headers(), changes);
  ForgetAdded(kName, chain);
  chain.clear_set_aside();
  if (is_there) {
    AddBasic(basic, chain, changes);
  } else {
    *chain.add_set_aside() = basic;
  }
}

// The client sent it to the request's URL as if the caller had given it.
void WriteUserinfoOfRequest(const UserinfoInput& in, v1::Chain& chain, Changes& changes) {
  if (!http::HasUserinfo(in.written) || HasAuthorization(in.request.headers())) return;
  // Withheld, it may have had one.
  if (in.profile.basic.needs_password && !HasPassword(in.request.url()) &&
      !IsWithheldUserinfo(in.written))
    return;
  const FieldRules rules(in.profile, in.facts);
  const v1::Header basic = BasicOf(in.written, in.profile);
  if (rules.WhyDropped(kName) == v1::CHANGE_REASON_UNSPECIFIED) {
    changes.Add(basic, v1::CHANGE_REASON_USERINFO);
  } else if (in.profile.restores) {
    *chain.add_set_aside() = basic;
  }
}

// The last userinfo of a URL goes on until the origin changes. Beside the caller's own
// Authorization it is an error.
bool WriteLastUserinfo(const UserinfoInput& in, v1::Chain& chain, Changes& changes) {
  const http::Headers& headers = in.request.headers();
  const bool is_ours = WasAdded(kName, chain);
  if (Counts(in.next, in.location, in.profile)) {
    if (!is_ours && KeepsAuthorization(headers, changes)) return false;
    DropAuthorization(headers, changes);
    AddBasic(BasicOf(in.next, in.profile), chain, changes);
    return true;
  }
  if (is_ours && !KeepsAuthorization(headers, changes)) ForgetAdded(kName, chain);
  if (!http::HasUserinfo(in.written) || HasAuthorization(headers)) return true;
  const FieldRules rules(in.profile, in.facts);
  if (rules.WhyDropped(kName) == v1::CHANGE_REASON_UNSPECIFIED)
    AddBasic(BasicOf(in.written, in.profile), chain, changes);
  return true;
}

}  // namespace

bool IsAuthorizationOfUrl(const Profile& profile, const v1::Chain& chain) {
  return StaysWithUrl(profile) && WasAdded(kName, chain);
}

bool WriteUserinfo(const UserinfoInput& in, v1::Chain& chain, Changes& changes) {
  if (in.profile.userinfo == Userinfo::kAuthorizeInstead && http::HasUserinfo(in.next)) {
    DropAuthorization(in.request.headers(), changes);
    changes.Add(BasicOf(in.next, in.profile), v1::CHANGE_REASON_USERINFO);
    return true;
  }
  if (in.profile.userinfo == Userinfo::kAuthorizeOrStop)
    return WriteLastUserinfo(in, chain, changes);
  if (StaysWithUrl(in.profile) || in.profile.userinfo == Userinfo::kAuthorizeBeside)
    WriteUserinfoOfUrl(in, chain, changes);
  if (in.profile.request_userinfo == RequestUserinfo::kFirstOrigin)
    WriteUserinfoOfFirst(in, chain, changes);
  if (in.profile.request_userinfo == RequestUserinfo::kAuthorization)
    WriteUserinfoOfRequest(in, chain, changes);
  return true;
}

}  // namespace fingerpost::follow
