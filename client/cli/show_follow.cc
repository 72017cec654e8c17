#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include "core/http/fields.h"
#include "core/message/enum_names.h"
#include "page.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

std::string FieldText(const v1::Header& header) {
  return header.name() + ": " +
         (http::IsWithheld(header) ? "(withheld)" : std::string(http::ValueOf(header)));
}

// What changed, in a few words.
Page::Row RowOf(const v1::HttpRequest& request, const v1::Change& change) {
  const std::string why = Cited(change.message(), change.citations());
  switch (change.kind()) {
    case v1::CHANGE_KIND_METHOD:
      return {Style::kWarning, "method", request.method() + " -> " + change.value(), why};
    case v1::CHANGE_KIND_URL:
      return {Style::kGood, "url", change.value(), why};
    case v1::CHANGE_KIND_BODY_DROPPED:
      return {Style::kWarning, "content", "dropped", why};
    case v1::CHANGE_KIND_FIELD_DROPPED:
      return {Style::kBad, "dropped", change.field().name(), why};
    case v1::CHANGE_KIND_FIELD_REWRITTEN:
      return {Style::kWarning, "rewritten", FieldText(change.field()), why};
    case v1::CHANGE_KIND_FIELD_ADDED:
      return {Style::kGood, "added", FieldText(change.field()), why};
    default:
      return {Style::kWarning, "changed", change.field().name(), why};
  }
}

}  // namespace

void ShowChanges(const v1::HttpRequest& request, const v1::FollowResponse& response, Page& page) {
  std::vector<Page::Row> rows;
  for (const auto& change : response.changes()) rows.push_back(RowOf(request, change));
  page.Table(rows);
  if (response.has_wait()) {
    page.Note("wait", google::protobuf::util::TimeUtil::ToString(response.wait()));
  }
}

std::string Show(const v1::FollowRequest& request, const v1::FollowResponse& response,
                 const Palette& palette) {
  Page page(palette);
  if (response.has_next()) {
    ShowRequest(response.next(), response.request_target(), page);
    page.Blank();
  } else {
    const auto& stop = response.stop();
    page.Line(stop.error() ? Style::kBad : Style::kGood,
              stop.error() ? "STOP: do not go on, and fail" : "STOP: this response is the result");
    page.Blank();
    page.Note("reason", absl::StrCat(message::ShortEnumName(stop.reason()), ": ",
                                     Cited(stop.message(), stop.citations())));
  }
  ShowChanges(request.request(), response, page);
  page.Warnings(response.warnings());
  return page.Take();
}

}  // namespace fingerpost::cli
