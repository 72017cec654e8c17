/* A program in C99 that asks one question; nothing of C++ is in its way. */
#include <stdio.h>
#include <string.h>

#include "fingerpost.h"

static const char kPolicy[] =
    "defaults: {allowed_hosts: [journal.example]}\n"
    "rules:\n"
    "  - id: blog\n"
    "    match: {path_prefix: /blog}\n"
    "    intent: {purpose: permanent_move, target: \"https://journal.example{rest}\"}\n";

/* v1.DecideRequest: request {method: "GET" url: "https://shop.example/blog/tea"} */
static const char kQuestion[] =
    "\x0a\x24"
    "\x0a\x03"
    "GET"
    "\x12\x1d"
    "https://shop.example/blog/tea";

static const char kTarget[] = "https://journal.example/tea";

static int contains(const char *octets, size_t size, const char *text) {
  const size_t length = strlen(text);
  size_t i;
  for (i = 0; i + length <= size; ++i) {
    if (memcmp(octets + i, text, length) == 0) return 1;
  }
  return 0;
}

int main(void) {
  char answer[4096];
  size_t size = 0;
  fingerpost_policy *policy = NULL;
  int status;
  if (fingerpost_abi() != FINGERPOST_ABI) return 2;
  status = fingerpost_open_text(kPolicy, sizeof kPolicy - 1, &policy, answer, sizeof answer, &size);
  if (status != FINGERPOST_OK) {
    fprintf(stderr, "open: %d %.*s\n", status, (int)size, answer);
    return 1;
  }
  status = fingerpost_decide(policy, kQuestion, sizeof kQuestion - 1, answer, sizeof answer, &size);
  if (status != FINGERPOST_OK || !contains(answer, size, kTarget)) {
    fprintf(stderr, "decide: %d %.*s\n", status, (int)size, answer);
    return 1;
  }
  /* What was answered goes home to the service: a v1.ReportUsageRequest. */
  status = fingerpost_take_usage(policy, answer, sizeof answer, &size);
  fingerpost_close(policy);
  if (status != FINGERPOST_OK || !contains(answer, size, "blog")) {
    fprintf(stderr, "take_usage: %d %.*s\n", status, (int)size, answer);
    return 1;
  }
  printf("%s %s\n", fingerpost_version(), kTarget);
  return 0;
}
