// The command line itself: its arguments, its refusals, and its exit statuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/program.h"
#include "version.h"

namespace fingerpost {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

using Words = std::vector<std::string>;

const Words kOrder = {"decide",
                      "--method",
                      "POST",
                      "--url",
                      "https://shop.example.com/orders",
                      "--purpose",
                      "form_result",
                      "/orders/7829/confirmation"};

Words With(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Exactly one line on standard error, and nothing on standard output.
void ExpectComplaint(const Words& arguments, int status, const std::string& line) {
  const Outcome outcome = RunFingerpost(arguments);
  EXPECT_EQ(outcome.err, "fingerpost: " + line + "\n");
  EXPECT_EQ(outcome.status, status);
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST(CommandLine, SaysItsVersion) {
  const Outcome outcome = RunFingerpost({"--version"});
  EXPECT_EQ(outcome.out, std::string("fingerpost ") + kVersion + "\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST(CommandLine, HelpsEverywhere) {
  for (const Words& words : {Words{"--help"}, Words{"decide", "--help"}, Words{"follow", "-h"},
                             Words{"trace", "--help"}, Words{"health", "--help"}}) {
    const Outcome outcome = RunFingerpost(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.err, IsEmpty());
    EXPECT_THAT(outcome.out, HasSubstr("Usage: fingerpost "));
    EXPECT_THAT(outcome.out, HasSubstr("Exit status:"));
    for (size_t start = 0; start < outcome.out.size();) {
      const size_t end = outcome.out.find('\n', start);
      EXPECT_LE(end - start, 100) << outcome.out.substr(start, end - start);
      start = end + 1;
    }
  }
}

TEST(CommandLine, SuggestsWhatMayHaveBeenMeant) {
  ExpectComplaint({"decid"}, 2,
                  "unknown argument decid; did you mean decide? (see fingerpost --help)");
  ExpectComplaint({"decide", "--methd", "POST"}, 2,
                  "unknown flag --methd; did you mean --method? (see fingerpost --help)");
  ExpectComplaint({"follow", "--locatoin=/x"}, 2,
                  "unknown flag --locatoin; did you mean --location? (see fingerpost --help)");
  ExpectComplaint({"decide", "--xyzzy"}, 2, "unknown flag --xyzzy (see fingerpost --help)");
  ExpectComplaint({"decide", "/a", "/b"}, 2, "unknown argument /b (see fingerpost --help)");
}

TEST(CommandLine, RefusesWhatMakesNoSense) {
  ExpectComplaint({}, 2, "expected a subcommand (see fingerpost --help)");
  ExpectComplaint({"health"}, 2, "--server is required (see fingerpost --help)");
  ExpectComplaint({"decide", "--input", "x", "--purpose", "gone"}, 2,
                  "--input has whole questions: expected no --purpose beside it");
  ExpectComplaint({"decide", "--insecure", "/x"}, 2, "--insecure and --tls need --server");
  ExpectComplaint({"decide", "--server", "h:1", "--insecure", "--tls", "/x"}, 2,
                  "--insecure and --tls contradict each other");
  ExpectComplaint({"decide", "--server", "h:1", "--tls-cert", "c.pem", "/x"}, 2,
                  "--tls-cert and --tls-key belong together");
  ExpectComplaint({"decide", "--server", "h:1", "--tls-ca", "/does/not/exist", "/x"}, 2,
                  "cannot read /does/not/exist");
  for (const std::string command : {"decide", "follow", "health", "trace"}) {
    for (const std::string seconds : {"nan", "inf", "0", "3601", "soon", "1s"}) {
      ExpectComplaint({command, "--timeout", seconds}, 2,
                      "--timeout: expected 0.001 to 3600 seconds (see fingerpost --help)");
    }
  }
}

TEST(CommandLine, WantsAChoiceBeforeItTalksToAnotherMachine) {
  for (const std::string server :
       {"redirects.example.com:443", "10.0.0.7:50051", "[2001:db8::1]:1",
        "dns:///redirects.example.com:443", "127.0.0.1.example.com:1", "localhost.example.com:1"}) {
    ExpectComplaint({"decide", "--server", server, "/x"}, 2,
                    "--server " + server +
                        " is on another machine: choose --tls, --tls-ca FILE, or --insecure for "
                        "plain text");
  }
}

TEST(CommandLine, NamesTheFieldThatIsWrong) {
  ExpectComplaint({"decide", "--purpose", "gone", "--trust", "me"}, 1,
                  "intent.trust: expected one of end_user, caller, policy");
  ExpectComplaint({"decide", "--purpose", "gone", "--client", "browsr", "--state", "x"}, 1,
                  "intent.client: expected one of browser, script, api, webhook_sender, crawler, "
                  "unknown, htmx, inertia, turbo; did you mean browser?; intent.operation_state: "
                  "expected one of pending, "
                  "done, failed, expired");
  ExpectComplaint(
      {"decide", "--purpose", "gone", "-H", "A: b", "-H", "no field"}, 1,
      "request.headers[1]: expected \"Name: value\", or \"Name\" to withhold the value");
  ExpectComplaint({"decide", "--purpose", "gone", "--now", "today"}, 1,
                  "now: expected an instant such as 2026-01-31T12:00:00Z (RFC 3339)");
  ExpectComplaint({"decide", "--purpose", "gone", "--retry-after", "soon"}, 1,
                  "intent.retry_after: expected a number of seconds");
  ExpectComplaint({"decide", "--purpose", "gone", "--param", "id"}, 1,
                  "parameters: expected NAME=VALUE in UTF-8");
  ExpectComplaint({"decide", "--purpose", "gone", "\xff"}, 1, "intent.target: expected UTF-8");
  ExpectComplaint({"decide", "--purpose", "gone", "--intent", "x"}, 1,
                  "intent_name: the policy has the whole intent: expected nothing beside it");
  ExpectComplaint(
      {"follow", "--status", "303", "--location", "/x", "--response-header", "a b: c"}, 1,
      "response.headers[1]: expected \"Name: value\", or \"Name\" to withhold the value");
}

TEST(CommandLine, ReportsWhatTheCoreFindsWrong) {
  const Outcome outcome = RunFingerpost({"decide", "--method", "P ST", "/x"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("fingerpost: request.method: "));
  EXPECT_THAT(outcome.err, HasSubstr("; intent.purpose: "));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

TEST(CommandLine, GivesAnErrorAsJsonToo) {
  const Outcome outcome = RunFingerpost({"decide", "--purpose", "x", "--json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, StartsWith(R"({"error":{"code":"INVALID_ARGUMENT",)"
                                      R"("reason":"ERROR_REASON_INVALID_FIELDS",)"));
  EXPECT_THAT(outcome.out, HasSubstr(R"("violations":[{"field":"intent.purpose",)"));
  EXPECT_THAT(outcome.out, EndsWith("}\n"));
  EXPECT_THAT(outcome.err, StartsWith("fingerpost: intent.purpose: "));
}

TEST(CommandLine, SaysThatTheServerCannotBeReached) {
  // Port 1 is reserved (tcpmux), and nobody listens there.
  const Outcome outcome = RunFingerpost(With(kOrder, {"--server", "127.0.0.1:1"}));
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("fingerpost: UNAVAILABLE: "));
  EXPECT_EQ(RunFingerpost({"health", "--server", "127.0.0.1:1"}).status, 3);
}

TEST(CommandLine, SaysThatTheOutputIsFull) {
  for (const char* form : {"", " --json"}) {
    const Outcome outcome =
        RunShell("fingerpost decide -X POST --url https://a.example/ --purpose form_result /x" +
                 std::string(form) + " > /dev/full");
    EXPECT_EQ(outcome.status, 4);
    EXPECT_EQ(outcome.err, "fingerpost: cannot write the output: No space left on device\n");
  }
}

TEST(Colours, AppearOnATerminalOnly) {
  EXPECT_THAT(RunOnTerminal(kOrder).out, HasSubstr("\x1b["));
  EXPECT_THAT(RunFingerpost(kOrder).out, Not(HasSubstr("\x1b[")));
}

TEST(Colours, AreNotForEverybody) {
  EXPECT_THAT(RunOnTerminal(kOrder, {{"NO_COLOR", "1"}}).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(RunOnTerminal(kOrder, {{"TERM", "dumb"}}).out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(RunOnTerminal(With(kOrder, {"--json"})).out, Not(HasSubstr("\x1b[")));
  // https://no-color.org: only when not empty.
  EXPECT_THAT(RunOnTerminal(kOrder, {{"NO_COLOR", ""}}).out, HasSubstr("\x1b["));
}

TEST(Output, DoesNotLetAStrangerDriveTheTerminal) {
  const Outcome outcome =
      RunFingerpost({"follow", "--url", "https://a.example/", "--status", "302", "--location", "/b",
                     "-H", "X-Evil: \xc2\x9b\x33\x31m\xe2\x80\xae"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("X-Evil: \\u{9b}31m\\u{202e}"));
}

}  // namespace
}  // namespace fingerpost
