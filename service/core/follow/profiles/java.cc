// Java: OkHttp, Apache HttpClient 5 and 4, java.net.http, reactor-netty, Jetty,
// java.net.HttpURLConnection.
#include "core/follow/profiles/rows.h"

namespace fingerpost::follow {
namespace {

// --- OkHttp ---

constexpr std::string_view kOkHttpContent[] = {"Transfer-Encoding", "Content-Length",
                                               "Content-Type"};
constexpr FieldRule kOkHttpFields[] = {
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kOkHttpContent},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kAuthorization},
};
constexpr StatusRule kOkHttpToGet = ToGet(AllBut(kGet | kHead | kPropfind | kQuery));

constexpr Spelling kOkHttpSpelling = {.path = {.encoded = kUrlStandardPath | "|"}};

constexpr Profile kOkHttp = {
    .id = v1::PROFILE_OKHTTP,
    .client = "OkHttp 5.5.1",
    .statuses = Statuses({.choices = kOkHttpToGet,
                          .moved = kOkHttpToGet,
                          .found = kOkHttpToGet,
                          .see_other = ToGet(AllBut(kGet | kHead | kPropfind))}),
    .limit = 20,
    .handed_back = kResults | StopBit(v1::STOP_REASON_INVALID_LOCATION) |
                   StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kLast,
                 .empty_is_missing = false,
                 .octets = Octets::kReplaceInvalidUtf8,
                 .keeps_first_controls = true,
                 .keeps_last_controls = true,
                 .trimmed = "\v\f\x1C\x1D\x1E\x1F",
                 .refused = kLineBreaks,
                 .tabs = Tabs::kAfterAuthority,
                 .spelling = &kOkHttpSpelling,
                 .written_in_host = kNumberInHost},
    .fields = kOkHttpFields,
    .engine = &kOkHttpJar,
};

// --- Apache HttpClient 5 ---

// java.net.URI refuses what RFC 2396 refuses, and controls and spaces of Latin-1.
constexpr std::string_view kNotJavaUri{
    "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F \"<>\\^`{|}"
    "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8A\x8B\x8C\x8D\x8E\x8F\x90\x91\x92\x93\x94\x95\x96"
    "\x97\x98\x99\x9A\x9B\x9C\x9D\x9E\x9F\xA0",
    76};

// A URI keeps its characters; what it would have to escape, it refuses.
constexpr Spelling kHttpClientSpelling = {.path = {.encoded = {}, .raw_octets = true},
                                          .query = {.encoded = {}, .raw_octets = true},
                                          .dots = Dots::kExcessStay};
constexpr Spelling kJdkSpelling = {
    .path = {.encoded = {}}, .query = {.encoded = {}}, .dots = Dots::kStayUnlessJoined};

// Several escape nothing and keep dot segments.
constexpr Spelling kAsWritten = {.path = {.encoded = {}, .raw_octets = true},
                                 .query = {.encoded = {}, .raw_octets = true},
                                 .dots = Dots::kStayUnlessJoined};

// The same, and controls, which only this client takes.
constexpr Spelling kUrlConnectionSpelling = [] {
  Spelling spelling = kAsWritten;
  spelling.path.raw_controls = spelling.query.raw_controls = true;
  spelling.query_keeps_base = true;
  return spelling;
}();

constexpr LocationRule JavaUri(std::string_view pathless) {
  return {.several = Several::kFirst,
          .empty_is_missing = false,
          .refused = kNotJavaUri,
          .empty_authority = EmptyAuthority::kPath,
          .no_authority = NoAuthority::kRefused,
          .refused_in_path = "[]",
          .pathless = pathless,
          .bare_percent_refused = BarePercentRefused::kAnywhere,
          .written_in_host = kNumberInHost,
          .zones = kBareZone | kNumberZone};
}

// A request with another method starts without fields, so there is nothing to refuse.
constexpr FieldRule kHttpClientFields[] = {
    {.when = kCredentialsStay,
     .reason = v1::CHANGE_REASON_ORIGIN_CHANGED,
     .names = kAuthorizationAndCookie,
     .stops = true,
     .unless = kMethodChanges},
    {kMethodChanges, v1::CHANGE_REASON_CLIENT_HABIT, kEveryField},
};
// A request with an unrepeatable entity is not followed, not even on 303.
constexpr StatusRule HttpClientToGet(Methods methods) {
  StatusRule rule = ToGet(methods);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}

// It writes a path without empty segments.
constexpr LocationRule HttpClientLocation() {
  LocationRule rule = JavaUri("/");
  rule.zone_in_host = true;
  rule.fragment_is_pathless = true;
  rule.merged = Merged::kEveryFirst;
  rule.longest_field = 8190;
  rule.spelling = &kHttpClientSpelling;
  rule.refuses_empty_userinfo = true;
  return rule;
}

constexpr Profile kHttpClient5 = {
    .id = v1::PROFILE_HTTPCLIENT5,
    .client = "Apache HttpClient 5.6.5",
    .statuses = Statuses({.moved = HttpClientToGet(kPost),
                          .found = HttpClientToGet(kPost),
                          .see_other = HttpClientToGet(AllBut(kGet | kHead))}),
    .limit = 50,
    .loop = Loop::kSameUrl,
    .first_is_no_visit = true,
    .handed_back = kResults | StopBit(v1::STOP_REASON_CREDENTIALS_PRESENT) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = HttpClientLocation(),
    .userinfo = Userinfo::kStop,
    .request_first = true,
    .fields = kHttpClientFields,
    .jar = Jar::kMerged,
    .engine = &kHttpClientJar,
};

// --- Apache HttpClient 4 ---

// DefaultRedirectStrategy: other methods are followed only on 303. 302 alone may lack a Location.
constexpr StatusRule kGetAndHead = {.followed = kGet | kHead,
                                    .drop_body = kEveryMethod,
                                    .one_shot_stops = kEveryMethod,
                                    .needs_location = true};
constexpr StatusRule HttpClient4Found() {
  StatusRule rule = kGetAndHead;
  rule.needs_location = false;
  return rule;
}
constexpr StatusRule kHttpClient4SeeOther = {.followed = kEveryMethod,
                                             .to_get = AllBut(kGet | kHead),
                                             .drop_body = kEveryMethod,
                                             .one_shot_stops = kEveryMethod,
                                             .needs_location = true};

// It decodes the segments of a path, octets as UTF-8, and encodes them again.
constexpr Characters kHttpClient4Path = kUnreserved | "*!'();:@&=+$,";
constexpr Spelling kHttpClient4Spelling = {.path = {.encoded = kUrlStandardPath,
                                                    .decoded = kHttpClient4Path,
                                                    .upper_escapes = true,
                                                    .replaces_invalid_utf8 = true},
                                           .query = {.encoded = {}},
                                           .dots = Dots::kShortRooted,
                                           .query_keeps_base = true};
constexpr LocationRule HttpClient4Location() {
  LocationRule rule = JavaUri("");
  rule.zone_in_host = true;
  rule.octets = Octets::kLatin1InQuery;
  rule.merged = Merged::kEvery;
  rule.escaped_at_counts = true;
  rule.refused_in_host = kOctets;
  rule.spelling = &kHttpClient4Spelling;
  rule.bad_port = BadPort::kNegativeIsNone;
  rule.empty_network = EmptyNetwork::kReplacesSegment;
  rule.refuses_second_at = true;
  return rule;
}

// No field is dropped: the first request's go to every host.
constexpr Profile kHttpClient4 = {
    .id = v1::PROFILE_HTTPCLIENT4,
    .client = "Apache HttpClient 4.5.14",
    .statuses = Statuses({.moved = kGetAndHead,
                          .found = HttpClient4Found(),
                          .see_other = kHttpClient4SeeOther,
                          .kept = kGetAndHead}),
    .limit = 50,
    .loop = Loop::kSameUrl,
    .first_is_no_visit = true,
    .handed_back = kResults | StopBit(v1::STOP_REASON_METHOD_NOT_FOLLOWED) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = HttpClient4Location(),
    .method_first = true,
    .jar = Jar::kMerged,
    .engine = &kHttpClient4Jar,
};

// --- java.net.http ---

// Its parser of responses reads octets as Latin-1.
constexpr LocationRule JdkLocation() {
  LocationRule rule = JavaUri(".");
  rule.zone_in_host = true;
  rule.octets = Octets::kLatin1;
  rule.breaks_response = kControlsButTab;
  rule.trimmed = kTrimmedByJava;
  rule.merged = Merged::kRelative;
  rule.spelling = &kJdkSpelling;
  rule.refused_in_host = kOctetsAndPercent;
  rule.refuses_second_at = true;
  return rule;
}

constexpr std::string_view kJdkCredentials[] = {"Authorization", "Cookie", "Origin", "Referer",
                                                "Host"};
constexpr FieldRule kJdkFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kJdkCredentials},
};

constexpr Profile kJdk = {
    .id = v1::PROFILE_JDK,
    .client = "OpenJDK 27.0.1, java.net.http, Redirect.NORMAL",
    .statuses = Statuses({.see_other = ToGetWithoutBody(AllBut(kGet))}),
    .limit = 4,
    .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                   StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED) | StopBit(v1::STOP_REASON_LIMIT) |
                   StopBit(v1::STOP_REASON_DOWNGRADE) | StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED),
    .location = JdkLocation(),
    .downgrade = false,
    .crossing = kRawAuthority,
    .fields = kJdkFields,
    .engine = &kJdkJar,
};

// --- reactor-netty ---

// To java.net.URI no such host is one; "_" alone would resolve.
constexpr std::string_view kNotUriHost = "\x80%_~!$&'()*+,;=";

constexpr LocationRule ReactorNettyLocation() {
  LocationRule rule = JavaUri(".");
  rule.octets = Octets::kLatin1;
  rule.breaks_response = kControlsButTab;
  rule.merged = Merged::kRelative;
  rule.refused_in_host = kNotUriHost;
  rule.written_in_host = 0;
  rule.zones = kBareZone | kNumberZone | kZone;
  rule.refuses_number_host = true;
  rule.refuses_base = true;
  rule.refuses_second_at = true;
  rule.web_sockets = WebSockets::kBoth;
  rule.spelling = &kAsWritten;
  rule.longest_fields = 8192;
  return rule;
}

constexpr std::string_view kReactorNettyCredentials[] = {"Authorization", "Cookie", "Expect",
                                                         "Proxy-Authorization"};
constexpr FieldRule kReactorNettyFields[] = {
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kReactorNettyCredentials},
};

// Every request is made anew from the caller's fields and content, also a GET after 303.
constexpr Profile kReactorNetty = {
    .id = v1::PROFILE_REACTOR_NETTY,
    .client = "reactor-netty-http 1.3.7, followRedirect(true)",
    .statuses = Statuses({.moved = kKept,
                          .found = kKept,
                          .see_other = {.followed = kEveryMethod, .to_get = AllBut(kGet)}}),
    .limit = 51,
    .handed_back = kResults | StopBit(v1::STOP_REASON_LIMIT),
    .location = ReactorNettyLocation(),
    .from_first = true,
    .restores = true,
    .fields = kReactorNettyFields,
};

// --- Jetty ---

// A Location that java.net.URI refuses is quoted, character by character, and tried again. Octets
// are Latin-1.
constexpr std::string_view kJettyQuotes =
    "\t \"<>\\^`{|}"
    "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8A\x8B\x8C\x8D\x8E\x8F\x90\x91\x92\x93\x94\x95\x96"
    "\x97\x98\x99\x9A\x9B\x9C\x9D\x9E\x9F\xA0";
// A host with one of these is none.
constexpr std::string_view kNotJettyHost = "\x80%_~!$&'()*+,;=\t \\";

constexpr std::string_view kJettyFields[] = {"Authorization", "Cookie", "Expect", "Host",
                                             "Proxy-Authorization"};
constexpr std::string_view kJettyContent[] = {"Content-Length", "Content-Type"};
constexpr FieldRule kJettyRules[] = {
    {kEveryHop, v1::CHANGE_REASON_CLIENT_HABIT, kJettyFields},
    {kContentDropped, v1::CHANGE_REASON_CONTENT_DROPPED, kJettyContent},
};
// Every GET goes without content.
constexpr StatusRule JettyToGet(int methods) {
  StatusRule rule = ToGet(static_cast<Methods>(methods));
  rule.drop_body |= kGet;
  rule.drop_content |= kGet;
  return rule;
}

// A buffer of 8192 octets for the request's head, of which 90 are its usual fields.
constexpr size_t kJettyLongest = 8102;

constexpr Profile kJetty = {
    .id = v1::PROFILE_JETTY,
    .client = "Jetty 12.1.14, jetty-client",
    .statuses = Statuses({.moved = JettyToGet(kPost),
                          .found = JettyToGet(AllBut(kGet | kHead | kPut)),
                          .see_other = JettyToGet(AllBut(kGet | kHead)),
                          .kept = JettyToGet(kNoMethod)}),
    .limit = 8,
    .handed_back = StopBit(v1::STOP_REASON_FINAL_RESPONSE) |
                   StopBit(v1::STOP_REASON_STATUS_NOT_FOLLOWED) |
                   StopBit(v1::STOP_REASON_BODY_NOT_REPLAYABLE),
    .location = {.several = Several::kFirst,
                 .empty_is_missing = false,
                 .breaks_response = kControlsButTab,
                 .longest_location = kJettyLongest,
                 .web_sockets = WebSockets::kBoth,
                 .refused = kControlsButTab,
                 .encoded = "\\",
                 .no_authority = NoAuthority::kRefused,
                 .refused_in_host = kNotJettyHost,
                 .refuses_second_at = true,
                 .quoted = kJettyQuotes,
                 .path_without_scheme = true,
                 .spelling = &kAsWritten,
                 .quoted_in_path = "[]",
                 .written_in_host = kNumberInHost,
                 .zones = kBareZone | kNumberZone,
                 .zone_in_host = true},
    .fields = kJettyRules,
    .jar = Jar::kMerged,
    .engine = &kJettyJar,
};

// --- java.net.HttpURLConnection ---

// java.net.URL checks a host only roughly, but such a name does not resolve.
constexpr std::string_view kNotUrlHost = "\x80%\t";
constexpr std::string_view kNotUrlAuthority{
    "\\\0\x01\x02\x03\x04\x05\x06\x07\x08\n\v\f\r\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19"
    "\x1A\x1B\x1C\x1D\x1E\x1F\x7F",
    33};
// The schemes that the JDK has handlers for.
constexpr std::string_view kUrlHandlers[] = {"file", "ftp", "jar", "jmod", "jrt", "mailto"};
constexpr std::string_view kUrlCredentials[] = {"Authorization", "Cookie", "Cookie2"};
constexpr FieldRule kUrlConnectionFields[] = {
    // A POST that becomes GET starts without fields.
    {kMethodChanges, v1::CHANGE_REASON_CLIENT_HABIT, kEveryField},
    // The caller cannot set Host; a hop to a proxy leaves it behind.
    {kEveryHop, v1::CHANGE_REASON_HOST, kHost},
    {kCredentialsStay, v1::CHANGE_REASON_ORIGIN_CHANGED, kUrlCredentials},
};

// In streaming mode it follows no redirect.
constexpr StatusRule UrlConnectionRule(Methods to_get) {
  StatusRule rule = ToGet(to_get);
  rule.one_shot_stops = kEveryMethod;
  return rule;
}
constexpr StatusRules UrlConnectionStatuses() {
  const StatusRule post_to_get = UrlConnectionRule(kPost);
  StatusRules rules = Statuses({.choices = post_to_get,
                                .moved = post_to_get,
                                .found = post_to_get,
                                .see_other = post_to_get,
                                .kept = UrlConnectionRule(kNoMethod)});
  rules[5] = UrlConnectionRule(kNoMethod);
  rules[5].to_proxy = true;
  rules[8] = kNotFollowed;
  return rules;
}

constexpr Profile kHttpUrlConnection = {
    .id = v1::PROFILE_HTTP_URL_CONNECTION,
    .client = "OpenJDK 27.0.1, java.net.HttpURLConnection",
    .statuses = UrlConnectionStatuses(),
    .limit = 19,
    .handed_back =
        kResults | StopBit(v1::STOP_REASON_DOWNGRADE) | StopBit(v1::STOP_REASON_SCHEME_NOT_ALLOWED),
    .location = {.several = Several::kLast,
                 .empty_is_missing = false,
                 .octets = Octets::kLatin1,
                 .trimmed = kTrimmedByJava,
                 .encoded = "\\",
                 .empty_authority = EmptyAuthority::kPathOfFour,
                 .no_authority = NoAuthority::kRefused,
                 .tabs = Tabs::kSpaces,
                 .refused_in_authority = kNotUrlAuthority,
                 .refused_in_host = kNotUrlHost,
                 .refuses_second_at = true,
                 .pathless = ".",
                 .keeps_empty = true,
                 .known_schemes = kUrlHandlers,
                 .spelling = &kUrlConnectionSpelling,
                 .scheme_first = true,
                 .written_in_host = kNumberInHost,
                 .zones = kBareZone | kNumberZone},
    .downgrade = false,
    .upgrade = false,
    .fields = kUrlConnectionFields,
};

constexpr std::array kRows = {kOkHttp,       kHttpClient5, kHttpClient4,      kJdk,
                              kReactorNetty, kJetty,       kHttpUrlConnection};

}  // namespace

std::span<const Profile> JavaProfiles() { return kRows; }

}  // namespace fingerpost::follow
