#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include "core/enum_names.h"
#include "core/fields.h"
#include "page.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

std::string FieldText(const v1::Header& header) {
  return header.name() + ": " + (IsWithheld(header) ? "(withheld)" : std::string(ValueOf(header)));
}

// What changed, in a few words, and its label.
void ShowChange(const v1::HttpRequest& request, const v1::Change& change, Page& page) {
  const std::string why = Cited(change.message(), change.citations());
  const auto note = [&](const char* label, const std::string& what, Style style) {
    page.Note(label, what + "  " + why, style);
  };
  switch (change.kind()) {
    case v1::CHANGE_KIND_METHOD:
      return note("method", request.method() + " -> " + change.value(), Style::kWarning);
    case v1::CHANGE_KIND_URL:
      return note("url", change.value(), Style::kGood);
    case v1::CHANGE_KIND_BODY_DROPPED:
      return note("content", "dropped", Style::kWarning);
    case v1::CHANGE_KIND_FIELD_DROPPED:
      return note("dropped", change.field().name(), Style::kBad);
    case v1::CHANGE_KIND_FIELD_REWRITTEN:
      return note("rewritten", FieldText(change.field()), Style::kWarning);
    case v1::CHANGE_KIND_FIELD_ADDED:
      return note("added", FieldText(change.field()), Style::kGood);
    default:
      return note("changed", change.field().name(), Style::kWarning);
  }
}

}  // namespace

std::string Show(const v1::FollowRequest& request, const v1::FollowResponse& response,
                 const Palette& palette) {
  Page page(palette);
  if (response.has_next()) {
    ShowRequest(response.next(), page);
    page.Blank();
    for (const auto& change : response.changes()) ShowChange(request.request(), change, page);
  } else {
    const auto& stop = response.stop();
    page.Line(stop.error() ? Style::kBad : Style::kGood,
              stop.error() ? "STOP: do not go on, and fail" : "STOP: this response is the result");
    page.Blank();
    page.Note("reason", absl::StrCat(ShortEnumName(stop.reason()), ": ",
                                     Cited(stop.message(), stop.citations())));
  }
  if (response.has_wait()) {
    page.Note("wait", google::protobuf::util::TimeUtil::ToString(response.wait()));
  }
  page.Warnings(response.warnings());
  return page.Take();
}

}  // namespace fingerpost::cli
