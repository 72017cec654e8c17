/*
 * Fingerpost inside a process: the service's own answers by a call of a function. C99, and C++.
 *
 * A policy is opened once and asked many times. Questions and answers are messages of
 * proto/fingerpost/v1, in protobuf's octets, the same that the service takes and gives: what
 * fingerpost_decide() writes is, octet for octet, what RedirectService.Decide answers to the same
 * question with `now` and `draw` under the same policy.
 *
 *   fingerpost_policy *policy = NULL;
 *   char answer[4096];
 *   size_t size = 0;
 *   if (fingerpost_abi() != FINGERPOST_ABI) return wrong_library();
 *   if (fingerpost_open_text(yaml, strlen(yaml), &policy, answer, sizeof answer, &size) != 0) ...
 *   switch (fingerpost_decide(policy, question, question_size, answer, sizeof answer, &size)) {
 *     case FINGERPOST_OK: ...        // answer: `size` octets of v1.DecideResponse
 *     case FINGERPOST_ERROR: ...     // answer: `size` octets of v1.Error
 *     case FINGERPOST_TOO_SMALL: ... // ask again with `size` octets of room
 *   }
 *   fingerpost_close(policy);
 *
 * Memory
 *   Each answer goes into the caller's buffer. The library hands out no memory but the handle of a
 *   policy, so there is no answer to free, none to leak where the caller's language throws, and
 *   nothing that two allocators could fight over. A caller keeps one buffer for each thread: what
 *   ctypes (create_string_buffer), Java's MemorySegment, a Go []byte and Ruby's Fiddle::Pointer are
 *   made for, in one call for each question. 4096 octets hold nearly every answer; the largest
 *   have `explain`. Where there is too little room, the call says how much it needs, writes
 *   nothing, and is repeated; the same question has the same answer.
 *
 * Time and chance
 *   The library reads no clock and draws no lots. `now` and `draw` are the caller's to set in each
 *   question, as the service sets them for those who ask it: `now` to the current time, `draw` to
 *   32 random bits. Where a question needs one that is absent, the answer is an error that names
 *   the field.
 *
 * Threads
 *   Every function may be called from any number of threads at once, on one policy or on many; it
 *   starts no thread and has no state of its own between calls but a policy's counters. Only
 *   fingerpost_close() must be the last call with its policy.
 *
 * What it does not do
 *   No network; no file but those that fingerpost_open_file() reads; no signal, no locale, no
 *   environment. No C++ exception leaves it, and no input makes it end the process: text that is
 *   not UTF-8, octets that are no message and memory that runs out are errors of that call; what
 *   was read until then of a policy whose memory ran out may be lost. Except: a policy of text or
 *   files that is opened as the last memory goes may end the process. And where octets have text
 *   that is not UTF-8, protobuf writes a line to standard error.
 *
 * Parts of a policy
 *   What the service hands out need not be all: rows of large maps stay there, and so does all but
 *   the hosts and intents that a selector names. Such a policy opens. A question that the rest
 *   could answer otherwise is NOT_IMPLEMENTED: ask the service. Every other has the answer of the
 *   whole.
 *     Rows of a map, or included files, are elsewhere: answered here is every intent, every name
 *     that is here, http where require_https holds and no canonical form has to be found, and what
 *     a rule with `path` and that very host answers, because it comes before any row.
 *     A selector: left to the service are questions to hosts that it does not name, and names of
 *     intents that are not here. With intents alone: what rules answer, on every host.
 */
#ifndef FINGERPOST_H_
#define FINGERPOST_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FINGERPOST_API __attribute__((visibility("default")))
#else
#define FINGERPOST_API
#endif

/*
 * The number of this interface, also in the library's SONAME. It changes when a program that was
 * written for one number cannot use the other; new functions do not change it.
 */
#define FINGERPOST_ABI 2

/* The library's own number. A caller that loads it by name compares it first. */
FINGERPOST_API int fingerpost_abi(void);

/* The version of the library, "0.1.0": that of the service which answers the same. Never NULL. */
FINGERPOST_API const char *fingerpost_version(void);

/* What a call returns. Values may be added. */
enum fingerpost_status {
  /* The buffer has the answer. */
  FINGERPOST_OK = 0,
  /*
   * The buffer has a v1.Error. Its reasons are the service's:
   *   INVALID_FIELDS    the question or the policy is wrong; violations name each field
   *   UNKNOWN_INTENT    the policy has no intent of that name
   *   NOT_IMPLEMENTED   the service can answer this and the library cannot: the policy is a part,
   *                     or one that a newer service has written. The message says what to do
   *   OVERLOADED        memory ran out; nothing is lost, and the next call may have some
   *   INVARIANT_BROKEN  a fault of the library; the answer was withheld
   */
  FINGERPOST_ERROR = 1,
  /*
   * What the buffer was to have, an answer or an error, does not fit: *size says how many octets it
   * takes. Nothing was written, and nothing was opened.
   */
  FINGERPOST_TOO_SMALL = 2,
  /* There is nowhere to write: `size` is NULL, or `answer` is and `capacity` is not 0. */
  FINGERPOST_MISUSE = 3
};

/* A policy, ready to answer, and the counters of what it answered. The policy is immutable. */
/* NOLINTNEXTLINE(modernize-use-using): C has no other. */
typedef struct fingerpost_policy fingerpost_policy;

/*
 * The three ways to open a policy. In all of them:
 *   policy           gets the handle, which fingerpost_close() frees; NULL where the call does not
 *                    return FINGERPOST_OK
 *   error, capacity  the buffer for a v1.Error; 8192 octets are plenty for most. Every problem of
 *                    the policy is a violation: `field` is its path in the document,
 *                    "rules[3].match.path", and `description` what is wrong, for text and files
 *                    after its place ("shop.yaml:12:5: ...")
 *   size             gets the length of the error; 0 with FINGERPOST_OK
 * A policy of a thousand rules takes some 30 ms to open from text, and less from octets. Warnings
 * are not told; `fingerpost policy check` does that.
 */

/*
 * Opens a policy from the octets of a v1.Policy, as the service hands it out.
 *   version  what answers say as policy_version: the service's own version of that policy, so that
 *            the answers are the same. 1 to 64 visible ASCII characters. NULL: handed_out.version,
 *            or without one a hash of the octets
 * Refuses with NOT_IMPLEMENTED a policy with fields or values that this version does not know: a
 * newer service has written it, and to leave out what it says would change answers. Rows of maps
 * are those of handed_out.rows.
 */
FINGERPOST_API int fingerpost_open(const void *octets, size_t octets_size, const char *version,
                                   fingerpost_policy **policy, void *error, size_t capacity,
                                   size_t *size);

/*
 * Opens a policy from a document of YAML or JSON in UTF-8, at most 8 MiB. One that names other
 * files is INVALID_FIELDS: fingerpost_open_file() reads them.
 */
FINGERPOST_API int fingerpost_open_text(const char *text, size_t text_size,
                                        fingerpost_policy **policy, void *error, size_t capacity,
                                        size_t *size);

/*
 * Opens a policy from a file of YAML or JSON, with the maps and the files that it names, as
 * `fingerpostd --policy` does. An included file with a fault is left out, as at the service's
 * start.
 *   path             ends with NUL
 */
FINGERPOST_API int fingerpost_open_file(const char *path, fingerpost_policy **policy, void *error,
                                        size_t capacity, size_t *size);

/*
 * What answers under it say as policy_version. Lives as long as the policy. NULL for NULL.
 */
FINGERPOST_API const char *fingerpost_policy_version(const fingerpost_policy *policy);

/* Frees a policy. NULL is allowed. No other call may use the policy any more. */
FINGERPOST_API void fingerpost_close(fingerpost_policy *policy);

/*
 * The questions. In all of them:
 *   policy                   an open policy
 *   question, question_size  the question's octets, at most 2^31 - 1
 *   answer, capacity         the caller's buffer. NULL and 0 ask how much the answer takes
 *   size                     gets the length of what was written, or of what had no room
 * They return FINGERPOST_OK, FINGERPOST_ERROR, FINGERPOST_TOO_SMALL or FINGERPOST_MISUSE. Fields
 * that this version does not know are passed over, as the service does.
 */

/* What to send: from a v1.DecideRequest to a v1.DecideResponse. */
FINGERPOST_API int fingerpost_decide(const fingerpost_policy *policy, const void *question,
                                     size_t question_size, void *answer, size_t capacity,
                                     size_t *size);

/*
 * What to request next: from a v1.FollowRequest to a v1.FollowResponse. The answer depends on no
 * policy: `policy` is the one whose counters count it. NULL: it is not counted.
 */
FINGERPOST_API int fingerpost_follow(const fingerpost_policy *policy, const void *question,
                                     size_t question_size, void *answer, size_t capacity,
                                     size_t *size);

/*
 * Many questions in one call: from a v1.BatchDecideRequest to a v1.BatchDecideResponse. Each has
 * its answer or its error, in order; FINGERPOST_ERROR is about the whole batch. There is no most
 * but the answer's own 2^31 - 1 octets.
 */
FINGERPOST_API int fingerpost_batch_decide(const fingerpost_policy *policy, const void *question,
                                           size_t question_size, void *answer, size_t capacity,
                                           size_t *size);

/* The same from a v1.BatchFollowRequest to a v1.BatchFollowResponse. NULL: it is not counted. */
FINGERPOST_API int fingerpost_batch_follow(const fingerpost_policy *policy, const void *question,
                                           size_t question_size, void *answer, size_t capacity,
                                           size_t *size);

/*
 * What was answered under the policy since the last call that returned FINGERPOST_OK, for the
 * service (PolicyService.ReportUsage, POST /v1/usage), so that its page and its metrics are about
 * all answers. Counted is each answer that a caller has: no error, and none without room.
 *   usage            gets a v1.ReportUsageRequest. A caller may append its `agent`: octets of
 *                    protobuf messages that follow each other are one message
 *   size             gets its length; 0: nothing was answered. At most 1,000,000 octets and 20,000
 *                    entries: what has no room in one report is in the next
 * FINGERPOST_TOO_SMALL takes nothing. More may be answered between two calls, so give some more
 * room than *size says, or all. What a closed policy counted is lost: take it before.
 * A report has at most four answers as samples, and four of REFUSE, and at most 64 requests that
 * nothing answers: method, scheme, host and path, never a query, a fragment, a field or a body. The
 * time of the last hits is the `now` of their questions.
 */
FINGERPOST_API int fingerpost_take_usage(const fingerpost_policy *policy, void *usage,
                                         size_t capacity, size_t *size);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* FINGERPOST_H_ */
