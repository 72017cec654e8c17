#include "core/follow/question_faults.h"

#include <string>

#include "core/follow/allowed_targets.h"
#include "core/follow/chain.h"
#include "core/follow/profiles/switches.h"
#include "core/http/fields.h"
#include "core/http/request.h"
#include "core/message/enum_names.h"
#include "core/message/omitted.h"
#include "core/message/timestamp.h"

namespace fingerpost::follow {
namespace {

void CheckResponse(const v1::HttpResponse& response, const http::RequestLimits& limits,
                   message::Faults& faults) {
  if (response.status() < 100 || response.status() > 599) {
    faults.Error("response.status", response.status() == 0
                                        ? "required: 100 to 599"
                                        : "100 to 599, got " + std::to_string(response.status()));
  }
  const message::Place fields("response.headers");
  if (response.headers_size() > limits.max_fields) {
    faults.Error(fields, message::AtMost(limits.max_fields, "fields", response.headers_size()));
    return;
  }
  // The values are another party's, so the rules that read them decide about them. Values longer
  // than the operator allows are not read.
  const bool tight = limits.max_field_length < http::kMaxFieldValue;
  for (int i = 0; i < response.headers_size(); ++i) {
    const v1::Header& header = response.headers(i);
    if (header.name().size() > http::kMaxFieldName || !http::IsToken(header.name())) {
      faults.Error(fields.Element(i, "name"),
                   "expected a token of 1 to 256 octets (RFC 9110 §5.6.2)");
    } else if (http::IsWithheld(header) && http::EqualsIgnoreCase(header.name(), "Location")) {
      faults.Error(fields.Element(i, "value"),
                   "required: a Location without its value cannot be followed");
    }
    const size_t length = http::ValueOf(header).size();
    if (tight && length > limits.max_field_length) {
      faults.Error(fields.Element(i, http::ValueMember(header)),
                   message::AtMost(limits.max_field_length, "octets", length));
    }
  }
}

bool IsOrigin(const std::string& text) {
  const auto url = http::HasControl(text) ? std::nullopt : http::ParseUrl(text);
  // "*" is an ordinary character to the URL parser, but the author of the option means a wildcard.
  return url && http::IsHttp(*url) && !http::HasUserinfo(*url) &&
         text.find('*') == std::string::npos && url->get_pathname() == "/" &&
         url->get_search().empty() && !url->has_hash();
}

// Each switch with its profiles, for the error.
std::string ProfilesWith(v1::ClientSwitch id) {
  std::string names;
  for (const SwitchRow& row : EverySwitch()) {
    if (row.id == id) names += (names.empty() ? "" : ", ") + message::ShortEnumName(row.profile);
  }
  return names;
}

void CheckSwitches(const v1::FollowOptions& options, const Profile* profile,
                   message::Faults& faults) {
  const message::Place switches("options.switches");
  if (options.switches_size() > kMaxSwitches)
    return faults.Error(switches,
                        message::AtMost(kMaxSwitches, "switches", options.switches_size()));
  for (int i = 0; i < options.switches_size(); ++i) {
    const auto id = static_cast<v1::ClientSwitch>(options.switches(i));
    if (id == v1::CLIENT_SWITCH_UNSPECIFIED || !v1::ClientSwitch_IsValid(id)) {
      faults.Error(switches[i], "not a known switch");
    } else if (profile != nullptr && FindSwitch(id, profile->id) == nullptr) {
      faults.Error(switches[i], "expected with profile " + ProfilesWith(id) +
                                    "; options.profile is " + message::ShortEnumName(profile->id));
    }
  }
}

void CheckOptions(const v1::FollowOptions& options, const Profile* profile,
                  message::Faults& faults) {
  if (profile == nullptr) faults.Error("options.profile", "not a known profile");
  if (options.limit() > kMaxHops)
    faults.Error("options.limit", "0 to 100, got " + std::to_string(options.limit()));
  const message::Place origins("options.trusted_origins");
  if (options.trusted_origins_size() > kMaxTrustedOrigins) {
    faults.Error(origins, "at most 64, got " + std::to_string(options.trusted_origins_size()));
  } else {
    for (int i = 0; i < options.trusted_origins_size(); ++i) {
      if (!IsOrigin(options.trusted_origins(i))) {
        faults.Error(
            origins[i],
            "expected an origin: \"https://api.example.com\", without path, query, userinfo or "
            "wildcard");
      }
    }
  }
  const message::Place secrets("options.secret_fields");
  if (options.secret_fields_size() > kMaxSecretFields) {
    faults.Error(secrets, "at most 64, got " + std::to_string(options.secret_fields_size()));
  } else {
    for (int i = 0; i < options.secret_fields_size(); ++i) {
      if (options.secret_fields(i).size() > http::kMaxFieldName ||
          !http::IsToken(options.secret_fields(i))) {
        faults.Error(secrets[i],
                     "expected a field name: a token of 1 to 256 octets (RFC 9110 §5.6.2)");
      }
    }
  }
  CheckSwitches(options, profile, faults);
  if (!v1::UserinfoPolicy_IsValid(options.userinfo()))
    faults.Error("options.userinfo", "not a known policy");
  if (!v1::CookieJar_IsValid(options.jar())) {
    faults.Error("options.jar", "not a known jar");
  } else if (options.jar() == v1::COOKIE_JAR_CLIENT && profile != nullptr && !HasEngine(*profile)) {
    faults.Error("options.jar", "this profile's client has no cookie engine");
  }
  if (options.has_targets()) CheckTargetRules(options.targets(), "options.targets", faults);
}

void CheckUnsent(const v1::FollowRequest& request, message::Faults& faults) {
  if (request.has_response()) faults.Error("response", "expected none: the request is unsent");
  if (request.chain().count() > 0) {
    faults.Error("chain.count", "expected 0: the request is unsent, got " +
                                    std::to_string(request.chain().count()));
  }
}

http::Request ReadHop(const v1::FollowRequest& question, http::RequestLimits limits,
                      message::Faults& faults) {
  if (!question.has_request()) {
    faults.Error("request", "required: the request that was answered");
    return http::Request(question.request());
  }
  if (question.chain().count() > 0) limits.max_fields += kMaxAddedHeaders;
  http::Request request = http::ReadRequest(question.request(), limits, faults);
  http::RequireUrl(request, "required: the absolute http or https URL that was requested", faults);
  return request;
}

}  // namespace

http::Request ReadFollow(const v1::FollowRequest& question, const Profile* profile,
                         const http::RequestLimits& limits, message::Faults& faults) {
  http::Request request = ReadHop(question, limits, faults);
  if (question.unsent()) {
    CheckUnsent(question, faults);
  } else if (question.has_response()) {
    CheckResponse(question.response(), limits, faults);
  } else {
    faults.Error("response", "required: the answer to it");
  }
  if (question.has_chain() && profile != nullptr) {
    CheckChain(question.chain(), *profile, JarOf(*profile, question.options()), faults);
  }
  CheckOptions(question.options(), profile, faults);
  message::CheckNow(question, faults);
  message::CheckOmit(question.omit(), faults);
  return request;
}

}  // namespace fingerpost::follow
