// `fingerpost policy import`, as a person runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/policy_directory.h"
#include "cli/program.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PolicyImport : public PolicyDirectory {};

TEST_F(PolicyImport, WritesAPolicyThatProvesItself) {
  Write("_redirects", "/a /b\n/c/* https://d.example/:splat 302\n");
  const Outcome outcome = Policy("import netlify _redirects --out new --host c.example");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "new/redirects.yaml: 3 rules, 0 map rows; 0 lines skipped, 0 changed\n");
  EXPECT_EQ(Policy("check new/redirects.yaml").status, 0);
  const Outcome tests = Policy("test new/redirects.yaml");
  EXPECT_EQ(tests.status, 0);
  EXPECT_EQ(tests.out, "new/redirects.tests.yaml: 3 passed, 0 failed\n");
}

TEST_F(PolicyImport, FilesOfSeveralToolsAreOnePolicy) {
  Write("_redirects", "/a /b\n");
  Write("site.conf", "location = /c { return 410; }\n");
  Write("moved.csv", "/d,https://new.example/d\n/a,/never\n");
  const Outcome outcome =
      Policy("import netlify _redirects nginx site.conf csv moved.csv --out new");
  EXPECT_EQ(outcome.out, "new/redirects.yaml: 1 rule, 3 map rows; 1 line skipped, 0 changed\n");
  EXPECT_THAT(
      outcome.err,
      HasSubstr("moved.csv:2: skipped: can never answer: line 1 of _redirects comes first"));
  const Outcome tests = Policy("test new/redirects.yaml");
  EXPECT_EQ(tests.out, "new/redirects.tests.yaml: 4 passed, 0 failed\n");
  const Outcome none = Policy("import netlify _redirects csv --out other");
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.err, HasSubstr("no file of the format csv is named"));
}

TEST_F(PolicyImport, AThousandRowsAreAMap) {
  std::string rows;
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    rows += "/old/" + number + ";https://new.example/" + number + "\r\n";
  }
  Write("moved.csv", "\xEF\xBB\xBFold url;new url\r\n" + rows);
  const Outcome outcome = Policy("import csv moved.csv --out new --host old.example");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "new/moved.yaml: 0 rules, 1000 map rows; 0 lines skipped, 0 changed\n");
  EXPECT_THAT(Read("new/moved.csv"), HasSubstr("/old/999,https://new.example/999,301\n"));
  EXPECT_EQ(Policy("test new/moved.yaml").out, "new/moved.tests.yaml: 1000 passed, 0 failed\n");
}

TEST_F(PolicyImport, TellsWhatIsSkippedAndSaysSoByItsStatus) {
  Write("_redirects", "/a /b\n/app/* /app.html 200\n");
  const Outcome outcome = Policy("import netlify _redirects --out new");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("_redirects:2: skipped: serves another page with the status "
                                     "200 and does not redirect; leave it to the server"));
  EXPECT_THAT(outcome.out, HasSubstr("; 1 line skipped, 0 changed\n"));
}

TEST_F(PolicyImport, OverwritesNothing) {
  Write("_redirects", "/a /b\n");
  Write("redirects.tests.yaml", "mine\n");
  const Outcome outcome = Policy("import netlify _redirects");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.err,
              HasSubstr("redirects.tests.yaml exists; name another directory with --out, or "
                        "remove it if it is an earlier import\n"));
  EXPECT_EQ(Read("redirects.tests.yaml"), "mine\n");
  EXPECT_FALSE(fs::exists(directory_ / "redirects.yaml"));
}

TEST_F(PolicyImport, SeveralFilesAreOneInTheirOrder) {
  Write("a", "/a /b\n");
  Write("b", "/a /c\n");
  const Outcome outcome = Policy("import netlify a b --out new");
  EXPECT_THAT(outcome.err, HasSubstr("b:1: skipped: can never answer: line 1 of a comes first"));
  EXPECT_THAT(Read("new/a.yaml"), HasSubstr("target: /b"));
}

TEST_F(PolicyImport, WithoutARedirectThereIsNoPolicy) {
  Write("_redirects", "# none\n");
  const Outcome outcome = Policy("import netlify _redirects --out new");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, EndsWith("fingerpost: nothing was imported\n"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(PolicyImport, AWrongCommandLine) {
  Write("_redirects", "/a /b\n");
  const Outcome format = Policy("import netlfy _redirects");
  EXPECT_EQ(format.status, 2);
  EXPECT_THAT(format.err, HasSubstr("unknown format netlfy; did you mean netlify?"));
  const Outcome file = Policy("import netlify none");
  EXPECT_EQ(file.status, 4);
  EXPECT_THAT(file.err, HasSubstr("none: is not there"));
}

TEST_F(PolicyImport, IncludesStayInTheirDirectoryAndEnd) {
  Write("site/main.conf",
        "include parts/*.conf;\ninclude main.conf;\ninclude ../out.conf;\n"
        "include /etc/hostname;\ninclude link.conf;\n");
  Write("site/parts/a.conf", "location = /a { return 301 /b; }\ninclude parts/a.conf;\n");
  Write("out.conf", "location = /c { return 301 /d; }\n");
  fs::create_symlink("../out.conf", directory_ / "site/link.conf");
  const Outcome outcome = Policy("import nginx site/main.conf --out new");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("parts/a.conf:2: skipped: \"parts/a.conf\" is read already"));
  EXPECT_THAT(outcome.err, HasSubstr("main.conf:2: skipped: \"main.conf\" is read already"));
  for (const char* line : {"3", "4", "5"}) {
    EXPECT_THAT(outcome.err, HasSubstr("main.conf:" + std::string(line) + ": skipped: "));
  }
  EXPECT_THAT(Read("new/main.yaml"), HasSubstr("path: /a}"));
  EXPECT_EQ(Read("new/main.yaml").find("/d"), std::string::npos);
}

}  // namespace
}  // namespace fingerpost
