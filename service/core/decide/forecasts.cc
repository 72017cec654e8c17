#include "core/decide/forecasts.h"

#include "core/follow/follow.h"

namespace fingerpost::decide {

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
    v1::Error error;
    if (!follow::Follow(hop, followed)) continue;
    v1::Forecast& forecast = *answer.mutable_explanation()->add_forecasts();
    forecast.set_profile(profile);
    if (followed.has_next()) forecast.set_allocated_next(followed.release_next());
    if (followed.has_stop()) forecast.set_allocated_stop(followed.release_stop());
  }
}

}  // namespace fingerpost::decide
