// Random chains of redirects, including hostile ones.
#pragma once

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::testing {

// A part of every secret field's value.
inline constexpr std::string_view kSecret = "S3CR3T";
inline constexpr const char* kSecretFields[] = {
    "Authorization",      "Cookie",    "Cookie2", "Proxy-Authorization", "WWW-Authenticate",
    "Proxy-Authenticate", "X-Api-Key", "X-Token"};
inline constexpr const char* kMethods[] = {"GET",      "HEAD",   "POST", "PUT", "QUERY",
                                           "PROPFIND", "DELETE", "BREW", "get"};

// The seed is printed; FINGERPOST_SEED repeats a run.
class Generator {
 public:
  Generator();
  size_t Below(size_t end) { return random_() % end; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  template <typename List>
  auto Pick(const List& list) {
    return std::data(list)[Below(std::size(list))];
  }
  std::string MixCase(std::string text);
  std::string Junk();

 private:
  std::mt19937_64 random_;
};

// A request with secrets in it and an answer to it, under STRICT.
v1::FollowRequest FirstQuestion(Generator& g);
// Another answer.
void FillResponse(Generator& g, v1::HttpResponse& response);
// Tampers with the chain, like somebody who can write it.
void Tamper(Generator& g, v1::Chain& chain);

}  // namespace fingerpost::testing
