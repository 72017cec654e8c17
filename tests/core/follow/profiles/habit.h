// A habit that distinguishes clients: one hop.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "core/follow/asking.h"

namespace fingerpost::testing {

struct Habit {
  v1::Profile profile;
  const char* request;
  int status;
  const char* fields;
  const char* expected;
};
inline void PrintTo(const Habit& habit, std::ostream* out) {
  *out << v1::Profile_Name(habit.profile) << " " << habit.request << " " << habit.status;
}

inline void ExpectHabit(const Habit& habit) {
  v1::FollowRequest question = Ask(habit.request, habit.status, habit.fields);
  question.mutable_options()->set_profile(habit.profile);
  EXPECT_EQ(Next(question), habit.expected);
}

}  // namespace fingerpost::testing
