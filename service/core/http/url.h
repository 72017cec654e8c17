// URLs by ada, the WHATWG URL parser: parsed and serialised once, so that what was checked is what
// is sent. Never a second parser, never a concatenation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ada.h"

namespace fingerpost::http {

using Url = ada::url_aggregator;

// WHATWG URL Standard §4.4, with `base` for a relative reference. nullopt: not a URL.
[[nodiscard]] std::optional<Url> ParseUrl(std::string_view text, const Url* base = nullptr);
// The same into `url`, which is unchanged when `text` is not a URL: false.
[[nodiscard]] bool ParseUrl(std::string_view text, const Url* base, Url& url);

// "https:host", "http:/path", "https:\\host", "https:///host": an http URL without exactly "//" is
// none (RFC 9110 §4.2.2), and URL parsers take it for a path here and for a host there.
[[nodiscard]] bool LacksTwoSlashes(std::string_view text);

// http or https.
[[nodiscard]] bool IsHttp(const Url& url);
[[nodiscard]] bool IsHttps(const Url& url);

// The port that a connection would use: the one written, or the scheme's default (RFC 9110 §4.2). 0
// for other schemes.
[[nodiscard]] uint16_t EffectivePort(const Url& url);

// Scheme, host and effective port are the same (RFC 9110 §4.3.1).
[[nodiscard]] bool SameOrigin(const Url& a, const Url& b);

// "https://shop.example.com:8443": the origin's serialisation (RFC 6454 §6.2).
[[nodiscard]] std::string OriginOf(const Url& url);

[[nodiscard]] bool HasUserinfo(const Url& url);
// Removes user name and password.
void StripUserinfo(Url& url);

// The host is an IPv4 or IPv6 address, whether the URL or its base named it; ada has already turned
// every spelling of one into the canonical form.
[[nodiscard]] bool IsIpAddress(const Url& url);

// All but the fragment, an empty one too: what is requested.
[[nodiscard]] std::string_view WithoutFragment(const Url& url);

// The path and what follows it.
[[nodiscard]] std::string_view FromPathOn(const Url& url);

// Whether `text` has a character that no URI has (RFC 3986 §2).
[[nodiscard]] bool HasNoUri(std::string_view text);

// Percent-encodes what the URL parser leaves as it is, from the path on, and no URI has (RFC 3986
// §2), so that Location is one (RFC 9110 §10.2.2). A lone "%", "[" and "]" stay: servers and their
// queries depend on them.
void WriteAsUri(Url& url);

// Host and path only, for messages and logs: userinfo, query and fragment are left out.
[[nodiscard]] std::string Redacted(const Url& url);

}  // namespace fingerpost::http
