// Random questions: every purpose, method, protocol, client and modifier, in any combination.
#pragma once

#include <random>
#include <string>

#include "core/decide/asking.h"

namespace fingerpost::decide {

class RandomQuestions {
 public:
  explicit RandomQuestions(uint64_t seed) : random_(seed) {}

  // Mostly well-formed, so that most get an answer.
  Asking Next();

  int Below(int limit) { return static_cast<int>(random_() % static_cast<uint64_t>(limit)); }
  bool OneIn(int n) { return Below(n) == 0; }

 private:
  template <size_t N>
  std::string Pick(const char* const (&texts)[N]) {
    return texts[Below(static_cast<int>(N))];
  }
  std::string PickOf(std::initializer_list<const char*> texts) {
    return texts.begin()[Below(static_cast<int>(texts.size()))];
  }
  void FillRequest(v1::DecideRequest& request);
  void FillIntent(v1::Intent& intent);
  void FillModifiers(v1::Intent& intent);
  void FillFields(v1::Intent& intent);
  void FillForPurpose(v1::Intent& intent);
  void FillPolicy(Asking& asking);

  std::mt19937_64 random_;
};

}  // namespace fingerpost::decide
