// The flags of `fingerpost trace`, and several URLs at once: the binary with real servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/program.h"
#include "cli/site.h"
#include "follow_options.h"
#include "server/certificates.h"

namespace fingerpost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

Outcome RunTrace(std::vector<std::string> arguments, const std::string& input = "") {
  arguments.insert(arguments.begin(), "trace");
  return RunFingerpost(arguments, input, {{"no_proxy", "*"}});
}

std::string PortOf(const std::string& origin) { return origin.substr(origin.rfind(':') + 1); }

std::vector<nlohmann::json> Lines(const std::string& out) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(TraceFlags, ABareHostMeansHttp) {
  Site site({{"GET /a?b=1", Page()}, {"GET /", Page()}});
  for (const std::string host : {"127.0.0.1:", "localhost:", "u:p@127.0.0.1:"}) {
    EXPECT_EQ(RunTrace({host + PortOf(site.origin()) + "/a?b=1"}).status, 0) << host;
    EXPECT_EQ(RunTrace({host + PortOf(site.origin())}).status, 0) << host;
  }
}

TEST(TraceFlags, AnErrorHasAStatusOfItsOwn) {
  Site site({{"GET /", Redirect(302, "/gone")},
             {"GET /gone", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"},
             {"GET /999", "HTTP/1.1 999 No\r\nBad Name: 1\r\nContent-Length: 0\r\n\r\n"}});
  const Outcome text = RunTrace({site.origin() + "/"});
  EXPECT_EQ(text.status, 6);
  EXPECT_THAT(text.err, IsEmpty());
  EXPECT_THAT(text.out, HasSubstr("\nERROR: 410 Gone, after 1 redirect ("));
  EXPECT_THAT(text.out, HasSubstr("hop 2: client_error: the chain ends in 410 Gone\n"));
  const Outcome json = RunTrace({site.origin() + "/", "--json"});
  EXPECT_EQ(json.status, 6);
  EXPECT_EQ(Lines(json.out)[0]["problems"][0]["code"], "client_error");
  EXPECT_EQ(Lines(json.out)[0]["complete"], true);
  const Outcome odd = RunTrace({site.origin() + "/999", "--json"});
  EXPECT_EQ(odd.status, 6);
  EXPECT_EQ(Lines(odd.out)[0]["hops"][0]["response"]["status"], 999);
  EXPECT_EQ(Lines(odd.out)[0]["hops"][0]["response"]["headers"][0]["name"], "Bad Name");
}

TEST(TraceFlags, AuthorizesTheFirstOriginOnly) {
  Site site({});
  site.Set("GET /", Redirect(302, "/b"));
  site.Set("GET /b", Redirect(302, site.other_origin() + "/c"));
  site.Set("GET /c", Page());
  const std::string host = "127.0.0.1:" + PortOf(site.origin()) + "/";
  const std::vector<std::vector<std::string>> ways = {{"http://user:s3cret@" + host},
                                                      {host, "-u", "user:s3cret"}};
  size_t before = 0;
  for (auto way : ways) {
    for (const char* form : {"--json", "--secret=X-Unused"}) {
      way.emplace_back(form);
      const Outcome outcome = RunTrace(way);
      EXPECT_EQ(outcome.status, 0) << outcome.err;
      const auto requests = site.requests();
      ASSERT_THAT(requests, SizeIs(before + 3));
      EXPECT_THAT(requests[before], HasSubstr("\r\nAuthorization: Basic dXNlcjpzM2NyZXQ=\r\n"));
      EXPECT_THAT(requests[before + 1], HasSubstr("\r\nAuthorization: Basic dXNlcjpzM2NyZXQ=\r\n"));
      EXPECT_THAT(requests[before + 2], Not(HasSubstr("Authorization")));
      EXPECT_THAT(outcome.out, Not(HasSubstr("s3cret")));
      EXPECT_THAT(outcome.out, Not(HasSubstr("dXNlc")));
      before += 3;
    }
  }
}

TEST(TraceFlags, ShowsWhatExplainsARedirect) {
  Site site({{"GET /", Redirect(302, "/%41/../b",
                                "Server: nginx\r\nVia: 1.1 varnish\r\nAge: 7\r\nX-Other: 1\r\n"
                                "Cache-Control: no-cache\r\nSet-Cookie: sid=s3cret; Secure\r\n"
                                "Set-Cookie: theme=s3cret\r\n")},
             {"GET /b", Page()}});
  const Outcome outcome = RunTrace({site.origin() + "/"});
  EXPECT_THAT(outcome.out, HasSubstr("\nLocation: /%41/../b\nCache-Control: no-cache\nAge: 7\n"
                                     "Via: 1.1 varnish\nServer: nginx\n"
                                     "Set-Cookie: sid=(withheld); Secure\n"
                                     "Set-Cookie: theme=(withheld)\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\nadded      Cookie: theme=(withheld)\n"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("X-Other")));
  const Outcome json = RunTrace({site.origin() + "/", "--json"});
  EXPECT_THAT(outcome.out + json.out, Not(HasSubstr("s3cret")));
  EXPECT_THAT(json.out, HasSubstr("sid=(withheld); Secure"));
  EXPECT_THAT(site.requests()[1], HasSubstr("\r\nCookie: theme=s3cret\r\n"));
}

TEST(TraceFlags, ShowsWhereAStopWouldHaveLed) {
  Site site({{"GET /", Redirect(302, "ftp://a.example/x")}});
  const Outcome outcome = RunTrace({site.origin() + "/"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.out, HasSubstr("\nleads to   ftp://a.example/x\n"));
  EXPECT_EQ(Lines(RunTrace({site.origin() + "/", "--json"}).out)[0]["hops"][0]["leads_to"],
            "ftp://a.example/x");
}

TEST(TraceFlags, FitsEightyColumns) {
  Site site({});
  site.Set("GET /",
           Redirect(301, site.other_origin() + "/b", "Set-Cookie: a=b\r\nRefresh: 0;/c\r\n"));
  site.Set("GET /b", Redirect(302, "/b"));
  const Outcome outcome = RunTrace({site.origin() + "/", "-H", "Authorization: x"});
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const auto width =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; });
    EXPECT_LE(width, 80) << line;
  }
}

// C0, DEL, C1 and the bidirectional controls, wherever a server writes them.
TEST(TraceFlags, LetsNobodyDriveTheTerminal) {
  const std::string evil =
      "\x1b[31m\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c";
  Site site({{"GET /", "HTTP/1.1 302 " + evil + "\r\nLocation: /b?" + evil + "\r\nServer: " + evil +
                           "\r\nBad " + evil + ": 1\r\nSet-Cookie: " + evil + "=1; " + evil +
                           "\r\nContent-Length: 0\r\n\r\n"}});
  for (const char* form : {"--json", "--secret=X-Unused"}) {
    const Outcome outcome = RunTrace({site.origin() + "/", form});
    for (const char* sequence : {"\x1b", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6",
                                 "\xe2\x80\x8e", "\xe2\x80\x8f", "\xd8\x9c"}) {
      EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr(sequence)));
    }
  }
}

TEST(TraceFlags, NoticesWhatOnlyBrowsersFollow) {
  Site site({});
  site.Set("GET /",
           "HTTP/1.1 200 OK\r\nRefresh: 5; url=/a\r\nConnection: close\r\n\r\n"
           "<meta http-equiv=refresh content='0;url=/b'><script>location='/c'</script>");
  const Outcome outcome = RunTrace({site.origin() + "/", "--json"});
  EXPECT_EQ(outcome.status, 0);
  std::vector<std::string> codes;
  const nlohmann::json trace = Lines(outcome.out)[0];
  for (const auto& problem : trace["problems"]) codes.push_back(problem["code"]);
  EXPECT_THAT(codes, ElementsAre("refresh_field", "meta_refresh", "script_location"));
  EXPECT_THAT(RunTrace({site.origin() + "/"}).out, HasSubstr("hop 1: meta_refresh: "));
  EXPECT_THAT(site.requests(), SizeIs(2));
  // The page of a redirect is ignored.
  const std::string page = "<meta http-equiv=refresh content='0;url=/b'>";
  site.Set("GET /r", "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: " +
                         std::to_string(page.size()) + "\r\n\r\n" + page);
  site.Set("GET /end", Page());
  EXPECT_THAT(Lines(RunTrace({site.origin() + "/r", "--json"}).out)[0]["problems"], IsEmpty());
}

TEST(TraceFlags, SaysTheRequest) {
  Site site({{"POST /", Page()}, {"GET /", Page()}});
  const TemporaryFile file("a=1&\r\nb=\n");
  EXPECT_EQ(RunTrace({site.origin() + "/", "-d", "@" + file.path(), "-A", "probe/1"}).status, 0);
  EXPECT_THAT(site.requests()[0], HasSubstr("\r\nUser-Agent: probe/1\r\n"));
  EXPECT_THAT(site.requests()[0], ::testing::EndsWith("\r\n\r\na=1&\r\nb=\n"));
  EXPECT_EQ(RunTrace({site.origin() + "/", "-d", "@-"}, "from a pipe").status, 0);
  EXPECT_THAT(site.requests()[1], ::testing::EndsWith("\r\n\r\nfrom a pipe"));
  EXPECT_EQ(RunTrace({site.origin() + "/", "-A", ""}).status, 0);
  EXPECT_THAT(site.requests()[2], Not(HasSubstr("User-Agent")));
  const Outcome none = RunTrace({site.origin() + "/", "-d", "@/does/not/exist"});
  EXPECT_EQ(none.status, 4);
  EXPECT_EQ(none.err,
            "fingerpost: --data: cannot read /does/not/exist: No such file or directory\n");
}

TEST(TraceFlags, AsksWithHeadAndThenWithGet) {
  Site site({{"HEAD /", "HTTP/1.1 405 No\r\n\r\n"}, {"GET /", Page()}});
  const Outcome outcome = RunTrace({site.origin() + "/", "-I"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\nagain      with GET"));
  EXPECT_THAT(outcome.out, HasSubstr("\n2  GET "));
  EXPECT_EQ(
      Lines(RunTrace({site.origin() + "/", "-I", "--json"}).out)[0]["hops"][1]["request"]["method"],
      "GET");
  EXPECT_EQ(RunTrace({site.origin() + "/", "-X", "HEAD"}).status, 6);
  EXPECT_EQ(RunTrace({site.origin() + "/", "-I", "-d", "x"}).status, 2);
}

TEST(TraceFlags, GoesWhereItIsSent) {
  Site site({{"GET /", Page()}, {"GET http://a.example/x", Page()}});
  const std::string port = PortOf(site.origin());
  EXPECT_EQ(RunTrace({"a.example:" + port, "--resolve", "a.example:" + port + ":127.0.0.1"}).status,
            0);
  EXPECT_THAT(site.requests()[0], HasSubstr("\r\nHost: a.example:" + port + "\r\n"));
  const Outcome proxied =
      RunFingerpost({"trace", "a.example/x", "--proxy", site.origin(), "-u", "me:PW"});
  EXPECT_EQ(proxied.status, 0) << proxied.err;
  EXPECT_THAT(site.requests()[1],
              StartsWith("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n"));
  EXPECT_THAT(site.requests()[1], Not(HasSubstr("Proxy-Connection")));
  const Outcome wrong = RunTrace({"a.example", "--resolve", "a.example"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("HOST:PORT:ADDRESS"));
}

TEST(TraceFlags, TakesAnyCertificateWhenTold) {
  const testing::Certificates files;
  files.MakeAuthority("ours");
  files.Make("elsewhere", "ours", "DNS:elsewhere.test");
  const TlsSite site(files.Path("elsewhere.pem"), files.Path("elsewhere.key"));
  EXPECT_EQ(RunTrace({site.origin() + "/"}).status, 3);
  EXPECT_EQ(RunTrace({site.origin() + "/", "-k"}).status, 0);
}

// Each field of FollowOptions has a flag, and `follow` has the same ones.
TEST(TraceFlags, HasEveryOptionOfFollow) {
  CLI::App app;
  cli::FollowOptionFlags flags;
  flags.AddTo(app);
  app.parse(
      "--profile curl --limit 3 --trust-origin https://a.example --trust-origin "
      "https://b.example --secret X-Key --allow-downgrade --follow-multiple-choices=false "
      "--keep-post --stop-on-method-change --allow-polling --jar client --switch post301 "
      "--userinfo strip --allow-host a.example "
      "--deny-host b.example "
      "--deny-private-addresses --allow-port 443 --allow-port 8443");
  v1::FollowOptions options;
  cli::FlagReader reader;
  flags.Read(reader, options);
  EXPECT_TRUE(reader.Finish());
  const auto complete = [](const google::protobuf::Message& message) {
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    return set.size() == static_cast<size_t>(message.GetDescriptor()->field_count());
  };
  options.mutable_targets();
  EXPECT_TRUE(options.has_follow_multiple_choices() && !options.follow_multiple_choices());
  EXPECT_TRUE(complete(options)) << "no flag: see " << options.DebugString();
  EXPECT_TRUE(complete(options.targets())) << options.DebugString();
  EXPECT_EQ(options.trusted_origins_size(), 2);
  EXPECT_EQ(options.targets().allowed_ports(1), 8443);
}

TEST(TraceFlags, ObeysTheOptionsOfFollow) {
  Site site({});
  site.Set("POST /", Redirect(302, site.other_origin() + "/b"));
  site.Set("POST /b", Page());
  const Outcome kept = RunTrace({site.origin() + "/", "-d", "x", "--keep-post"});
  EXPECT_EQ(kept.status, 0) << kept.out;
  const Outcome denied = RunTrace({site.origin() + "/", "-d", "x", "--deny-host", "localhost"});
  EXPECT_EQ(denied.status, 5);
  EXPECT_THAT(denied.out, HasSubstr("STOP: target_not_allowed"));
  const Outcome followed =
      RunFingerpost({"follow", "--url", "https://a.example/", "--status", "302", "--location",
                     "http://a.example/", "--allow-downgrade"});
  EXPECT_THAT(followed.out, StartsWith("GET / HTTP/1.1\nHost: a.example\n"));
  EXPECT_THAT(RunTrace({site.origin() + "/", "--allow-port", "many"}).err,
              HasSubstr("options.targets.allowed_ports[0]: expected a number"));
  EXPECT_THAT(RunTrace({site.origin() + "/", "--keep-post=perhaps"}).err,
              HasSubstr("options.keep_post: expected true or false"));
}

TEST(TraceMany, AreShownInTheirOrder) {
  Site site({{"GET /a", Redirect(302, "/b")}, {"GET /b", Page()}});
  const std::string input = "# a list\n" + site.origin() + "/a\n\n  " + site.origin() + "/b  \n" +
                            "ftp://u:PW@a.example/\n" + site.origin() + "/none\n";
  const Outcome outcome = RunTrace({"--input", "-", "--json"}, input);
  const auto lines = Lines(outcome.out);
  ASSERT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines[0]["hops"].size(), 2);
  EXPECT_EQ(lines[1]["hops"].size(), 1);
  EXPECT_EQ(lines[2]["error"]["violations"][0]["field"], "request.url");
  EXPECT_EQ(lines[3]["problems"][0]["code"], "client_error");
  EXPECT_EQ(outcome.status, 1) << "the gravest";
  EXPECT_THAT(outcome.err, StartsWith("fingerpost: URL 3: request.url: "));
  EXPECT_THAT(outcome.out + outcome.err, Not(HasSubstr("PW")));

  const TemporaryFile file(site.origin() + "/a\n" + site.origin() + "/none");
  const Outcome text = RunTrace({"--input", file.path()});
  EXPECT_EQ(text.status, 6);
  EXPECT_LT(text.out.find("/a\n"), text.out.find("\n1  GET " + site.origin() + "/none\n"));
  EXPECT_EQ(RunTrace({site.origin() + "/a", site.origin() + "/b"}).status, 0);
  EXPECT_EQ(RunTrace({site.origin() + "/a", "--input", file.path()}).status, 2);
  EXPECT_EQ(RunTrace({"--input", "/does/not/exist"}).status, 4);
  EXPECT_EQ(RunTrace({"--input", "-", "-d", "@-"}).status, 2);
}

// A server that answers only when all requests have come.
TEST(TraceMany, AreWalkedAtOnce) {
  constexpr int kAll = 8;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, kAll), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::thread server([listener] {
    std::vector<int> all;
    for (int i = 0; i < kAll; ++i) all.push_back(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    const std::string page = Page();
    for (const int one : all) {
      if (one < 0) continue;
      char request[1024];
      EXPECT_GT(read(one, request, sizeof request), 0);
      EXPECT_GT(send(one, page.data(), page.size(), MSG_NOSIGNAL), 0);
      close(one);
    }
  });
  const std::vector<std::string> urls(kAll, "127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  EXPECT_EQ(RunTrace(urls).status, 0);
  shutdown(listener, SHUT_RDWR);
  server.join();
  close(listener);
}

}  // namespace
}  // namespace fingerpost
