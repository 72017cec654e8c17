#include "core/decide/kinds.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/decide/page_load.h"
#include "core/decide/protocol.h"
#include "core/decide/status_facts.h"
#include "core/decide/table.h"

namespace fingerpost::decide {
namespace {

// Answers without a status, for every purpose.
struct Silent {
  v1::ReasonCode reason;
  v1::Outcome outcome;
};
constexpr std::array<Silent, 16> kSilent = {{
    {v1::REASON_CODE_WINDOW_OVER, v1::OUTCOME_PASS},
    {v1::REASON_CODE_WINDOW_NOT_BEGUN, v1::OUTCOME_PASS},
    {v1::REASON_CODE_NO_MATCH, v1::OUTCOME_PASS},
    {v1::REASON_CODE_SHADOW, v1::OUTCOME_PASS},
    {v1::REASON_CODE_CORS_PREFLIGHT, v1::OUTCOME_PASS},
    {v1::REASON_CODE_WEBSOCKET_HANDSHAKE, v1::OUTCOME_PASS},
    {v1::REASON_CODE_GRPC_CALL, v1::OUTCOME_PASS},
    {v1::REASON_CODE_METHOD_NOT_REDIRECTABLE, v1::OUTCOME_PASS},
    {v1::REASON_CODE_WEBHOOK_SENDER, v1::OUTCOME_FORWARD},
    {v1::REASON_CODE_TARGET_NOT_ALLOWED, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_SCHEME_NOT_ALLOWED, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_USERINFO, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_LOOP, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_PINNED_STATUS_CONTRADICTS, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_REDIRECT_URI_MISMATCH, v1::OUTCOME_REFUSE},
    {v1::REASON_CODE_FLASH_ON_PERMANENT, v1::OUTCOME_REFUSE},
}};

bool IsSilentKind(v1::Outcome outcome, v1::ReasonCode reason) {
  return std::any_of(kSilent.begin(), kSilent.end(), [&](const Silent& silent) {
    return silent.reason == reason && silent.outcome == outcome;
  });
}

bool Gives(const Row& row, int32_t status) {
  return row.status == status || row.pin == status || MayFit(row.status, status);
}

bool IsPageLoad(int32_t status, v1::ReasonCode reason) {
  const std::span<const PageLoad> loads = PageLoads();
  return std::any_of(loads.begin(), loads.end(), [&](const PageLoad& load) {
    return load.status == status && load.ruling.code == reason;
  });
}

}  // namespace

bool IsKind(v1::Outcome outcome, v1::Purpose purpose, int32_t status, v1::ReasonCode reason) {
  if (status == 0) return IsSilentKind(outcome, reason);
  if (outcome != (IsRedirect(status) ? v1::OUTCOME_REDIRECT : v1::OUTCOME_RESPOND)) return false;
  const Row& over = WindowOverRow();
  if (reason == over.ruling.code) return status == over.status;
  const std::span<const Row> table = Table();
  return IsPageLoad(status, reason) || std::any_of(table.begin(), table.end(), [&](const Row& row) {
           const bool is_for = purpose == v1::PURPOSE_UNSPECIFIED || purpose == row.purpose;
           return is_for && reason == row.ruling.code && Gives(row, status);
         });
}

}  // namespace fingerpost::decide
