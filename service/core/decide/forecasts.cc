#include "core/decide/forecasts.h"

#include <algorithm>

#include "core/follow/follow.h"
#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

// The fields of the request come first, in its order, then those that the client adds.
void OmitUnchanged(const http::Headers& before, http::Headers& after) {
  auto next = before.begin();
  for (v1::Header& field : after) {
    const auto same = std::find_if(next, before.end(), [&field](const v1::Header& header) {
      return header.name() == field.name() && http::ValueOf(header) == http::ValueOf(field);
    });
    if (same == before.end()) continue;
    next = same + 1;
    field.clear_content();
  }
}

}  // namespace

void AddForecasts(const Question& question, v1::DecideResponse& answer) {
  if (answer.outcome() != v1::OUTCOME_REDIRECT || !question.url) return;
  v1::FollowRequest hop;
  *hop.mutable_request() = question.request.message;
  hop.mutable_response()->set_status(answer.status());
  *hop.mutable_response()->mutable_headers() = answer.headers();
  if (question.asked.has_now()) *hop.mutable_now() = question.asked.now();
  const google::protobuf::EnumDescriptor& profiles = *v1::Profile_descriptor();
  for (int i = 0; i < profiles.value_count(); ++i) {
    const auto profile = static_cast<v1::Profile>(profiles.value(i)->number());
    if (profile == v1::PROFILE_UNSPECIFIED) continue;
    hop.mutable_options()->set_profile(profile);
    v1::FollowResponse followed;
    if (!follow::Follow(hop, followed)) continue;
    v1::Forecast& forecast = *answer.mutable_explanation()->add_forecasts();
    forecast.set_profile(profile);
    if (followed.has_next())
      OmitUnchanged(question.request.message.headers(),
                    *followed.mutable_next()->mutable_headers());
    if (followed.has_next()) forecast.set_allocated_next(followed.release_next());
    if (followed.has_stop()) forecast.set_allocated_stop(followed.release_stop());
  }
}

}  // namespace fingerpost::decide
