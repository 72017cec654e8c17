#include "core/follow/signatures.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/follow/credentials.h"
#include "core/http/fields.h"

namespace fingerpost::follow {
namespace {

// A component that a signature covers (RFC 9421 §2): "@method", a field's name, or "@query-param"
// with the parameter's name.
struct Component {
  std::string name;
  std::string parameter;
};

// Reads the inner lists of Signature-Input (RFC 9421 §4.1, RFC 8941 §3.1.1): the covered components
// of all signatures together. Other parts of a member do not matter here.
class SignatureInput {
 public:
  explicit SignatureInput(std::string_view text) : rest_(text) {}

  // nullopt: the covered components are unknown.
  std::optional<std::vector<Component>> Read() {
    std::vector<Component> components;
    bool has_list = false;
    while (!rest_.empty()) {
      if (rest_.front() == '"') {
        if (!ReadString()) return std::nullopt;
      } else if (rest_.front() == '(') {
        has_list = true;
        if (!ReadList(components)) return std::nullopt;
      } else {
        rest_.remove_prefix(1);
      }
    }
    return has_list ? std::optional(std::move(components)) : std::nullopt;
  }

 private:
  bool ReadList(std::vector<Component>& components) {
    rest_.remove_prefix(1);
    while (true) {
      while (rest_.starts_with(' ')) rest_.remove_prefix(1);
      if (rest_.empty()) return false;
      if (rest_.front() == ')') {
        rest_.remove_prefix(1);
        return true;
      }
      auto name = ReadString();
      if (!name) return false;
      components.push_back({http::ToLowerAscii(*name), std::string()});
      if (!ReadParameters(components.back())) return false;
    }
  }

  bool ReadParameters(Component& component) {
    while (rest_.starts_with(';')) {
      rest_.remove_prefix(1);
      const size_t end = std::min(rest_.find_first_of("=; )"), rest_.size());
      const std::string_view key = http::TrimWhitespace(rest_.substr(0, end));
      rest_.remove_prefix(end);
      if (!rest_.starts_with('=')) continue;
      rest_.remove_prefix(1);
      const auto value = ReadString();
      if (!value) return false;
      if (key == "name") component.parameter = *value;
    }
    return true;
  }

  std::optional<std::string> ReadString() {
    if (!rest_.starts_with('"')) return std::nullopt;
    std::string value;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      value += rest_[i];
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

// The covered components of all lines of Signature-Input. nullopt: unknown.
std::optional<std::vector<Component>> Covered(const v1::FollowRequest& question) {
  std::string text;
  for (const v1::Header& header : question.request().headers()) {
    if (!http::EqualsIgnoreCase(header.name(), "Signature-Input")) continue;
    if (IsOpaque(header, question.options())) return std::nullopt;
    text += http::ValueOf(header);
    text += ',';
  }
  return SignatureInput(text).Read();
}

std::vector<std::string> QueryParameter(const http::Url& url, const std::string& name) {
  ada::url_search_params parameters(url.get_search());
  return parameters.get_all(ada::unicode::percent_decode(name, name.find('%')));
}

// One hop, for the components of a signature.
struct Hop {
  const v1::FollowRequest& question;
  const http::Url& url;
  const http::Url& to;
  const v1::FollowResponse& answer;

  [[nodiscard]] bool ChangesMethod() const {
    return question.request().method() != answer.next().method();
  }
  [[nodiscard]] bool ChangesField(std::string_view name) const {
    if (name == "host") return url.get_host() != to.get_host();
    if (name == "content-length" && question.request().body() != answer.next().body()) return true;
    return std::any_of(answer.changes().begin(), answer.changes().end(),
                       [name](const v1::Change& change) {
                         return http::EqualsIgnoreCase(change.field().name(), name);
                       });
  }
  // RFC 9421 §2.1, §2.2.
  [[nodiscard]] bool Changes(const Component& component) const {
    const std::string_view name = component.name;
    const bool path = url.get_pathname() != to.get_pathname();
    const bool query = url.get_search() != to.get_search();
    if (!name.starts_with('@')) return ChangesField(name);
    if (name == "@method") return ChangesMethod();
    if (name == "@target-uri") return http::WithoutFragment(url) != http::WithoutFragment(to);
    if (name == "@authority") return url.get_host() != to.get_host();
    if (name == "@scheme") return url.get_protocol() != to.get_protocol();
    if (name == "@request-target") return path || query;
    if (name == "@path") return path;
    if (name == "@query") return query;
    return name == "@query-param" &&
           QueryParameter(url, component.parameter) != QueryParameter(to, component.parameter);
  }
  [[nodiscard]] bool ChangesAnything() const { return !answer.changes().empty(); }
};

void Warn(std::string_view field, std::string_view citation, v1::FollowResponse& out) {
  v1::Warning& warning = *out.add_warnings();
  warning.set_code(v1::WARNING_CODE_SIGNATURE_BROKEN);
  warning.set_message(std::string(field) +
                      " covers what this hop changes and cannot be verified; sign the next request "
                      "anew, or drop it.");
  warning.add_citations(std::string(citation));
}

}  // namespace

void WarnOfSignatures(const v1::FollowRequest& request, const http::Url& url, const http::Url& to,
                      v1::FollowResponse& out) {
  const Hop hop{request, url, to, out};
  if (http::FindField(out.next().headers(), "Signature") != nullptr) {
    const auto covered = Covered(request);
    const bool broken =
        covered ? std::any_of(covered->begin(), covered->end(),
                              [&hop](const Component& part) { return hop.Changes(part); })
                : hop.ChangesAnything();
    if (broken) Warn("Signature", "RFC 9421 §2", out);
  }
  // A proof names the method, and the URL without its query. Across origins it is an undeclared
  // secret, which already has a warning.
  if (http::FindField(out.next().headers(), "DPoP") != nullptr && http::SameOrigin(url, to) &&
      (hop.ChangesMethod() || url.get_pathname() != to.get_pathname())) {
    Warn("DPoP", "RFC 9449 §4.3", out);
  }
}

}  // namespace fingerpost::follow
