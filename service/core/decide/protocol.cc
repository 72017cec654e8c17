#include "core/decide/protocol.h"

#include <algorithm>
#include <array>

namespace fingerpost::decide {
namespace {

// RFC 1945 has only 300, 301, 302 and 304; 303, 307 and 308 are newer than HTTP/1.0.
struct Fallback {
  int32_t status;
  int32_t page;   // on GET and HEAD
  int32_t other;  // on the other methods: 303 wants GET, which is what 302 gets in practice
                  // (RFC 9110 §15.4.3); 302 for 307 would lose the content, so it stays
};
constexpr std::array<Fallback, 3> kHttp10 = {{{303, 302, 302}, {307, 302, 307}, {308, 301, 308}}};
// Other methods keep their code, because clients disagree about 301 and 302 there.
constexpr std::array<Fallback, 2> kLegacy = {{{307, 302, 307}, {308, 301, 308}}};

template <size_t N>
int32_t Apply(const std::array<Fallback, N>& table, int32_t status, bool page) {
  for (const Fallback& row : table) {
    if (row.status == status) return page ? row.page : row.other;
  }
  return status;
}

bool IsLegacy(const Question& question) {
  const v1::Compatibility own = question.intent.compatibility();
  return (own != v1::COMPATIBILITY_UNSPECIFIED ? own : question.wish.defaults.compatibility()) ==
         v1::COMPATIBILITY_LEGACY;
}

bool IsNewerThanHttp10(int32_t status) { return status == 303 || status == 307 || status == 308; }

template <size_t N>
bool Has(const std::array<Fallback, N>& table, int32_t status, int32_t fitted) {
  return std::any_of(table.begin(), table.end(), [&](const Fallback& row) {
    return row.status == status && (row.page == fitted || row.other == fitted);
  });
}

}  // namespace

bool MayFit(int32_t status, int32_t fitted) {
  return Has(kLegacy, status, fitted) || Has(kHttp10, status, fitted);
}

int32_t FitProtocol(const Question& question, int32_t status, AnswerWriter& answer) {
  const bool pinned = question.intent.pinned_status() != 0;
  int32_t fitted = status;
  if (!pinned && IsLegacy(question)) fitted = Apply(kLegacy, fitted, question.request.page);
  answer.Trace(
      "protocol.legacy", fitted != status,
      IsLegacy(question) ? "301 and 302 for 308 and 307, on GET and HEAD" : "not asked for",
      {"RFC 9110 §15.4.2", "RFC 9110 §15.4.3"});
  if (!question.request.http_1_0()) {
    answer.Trace("protocol.http_1_0", false, "the client speaks HTTP/1.1 or newer");
    return fitted;
  }
  if (IsNewerThanHttp10(fitted)) answer.Warn(v1::WARNING_CODE_HTTP_1_0_FALLBACK);
  if (!pinned) fitted = Apply(kHttp10, fitted, question.request.page);
  answer.Trace("protocol.http_1_0", fitted != status, "HTTP/1.0 knows 300, 301, 302 and 304 only",
               {"RFC 1945 §9.3", "RFC 9110 §15.4"});
  return fitted;
}

}  // namespace fingerpost::decide
