// The next URL as the client writes it.
//
// The URL parser decides where a reference leads. What it would write otherwise than the client is
// veiled before: replaced by characters that the parser leaves alone. So the parser joins and
// removes segments, and afterwards the veil is lifted and path and query are written by the
// client's rules. Scheme and authority are the parser's own, so the written URL names the origin
// that was decided about.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/follow/location.h"
#include "core/follow/profiles/spelling.h"
#include "core/http/url.h"

namespace fingerpost::follow {

// "/a//b" -> "/a/b".
void MergeSlashes(std::string& path);

// Where the path of an http(s) URL or reference begins: after the authority, if it has one.
[[nodiscard]] size_t PathAt(std::string_view text, const LocationRule& rule);

// Whether path or query of `text` has a character that some client writes otherwise than the URL
// Standard, or a segment that could be a dot's.
[[nodiscard]] bool NeedsVeil(std::string_view text, const LocationRule& rule);

// A part of a path, veiled; and a segment of one, which stays even if it is a dot.
[[nodiscard]] std::string VeiledPath(std::string_view path, const LocationRule& rule);
[[nodiscard]] std::string VeiledSegment(std::string_view segment, const LocationRule& rule);

// Veils location.text, if it needs it.
void VeilLocation(const LocationRule& rule, Location& location);

// The request's URL `text`, veiled as the base of `location`; nullopt if `url`, its reading without
// userinfo, does as well. `first`: it is the caller's own.
[[nodiscard]] std::optional<http::Url> VeilBase(std::string_view text, const http::Url& url,
                                                bool first, const LocationRule& rule,
                                                const Location& location);

// The absolute URL that `reference`, veiled, becomes if the client joins it with the request's URL
// `text` as text; `base` is that URL. Empty: that is no URL. nullopt: it joins as the URL parser
// does.
[[nodiscard]] std::optional<std::string> JoinedText(std::string_view text, const http::Url& base,
                                                    const LocationRule& rule,
                                                    std::string_view reference);

// The request's URL `text` as the client tells it in a Referer; `url` is its reading without
// userinfo.
[[nodiscard]] std::string SpelledUrl(std::string_view text, const http::Url& url,
                                     const LocationRule& rule);

// Path, query and fragment of the veiled `url`, as the client writes them.
[[nodiscard]] std::string WriteSpelled(const http::Url& url, const Spelling& spelling);

// The same as a URL can have them: controls, and octets that are not UTF-8, as their escapes.
[[nodiscard]] std::string AsUrl(std::string_view written);

}  // namespace fingerpost::follow
