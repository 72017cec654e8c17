// "decide/bad-input.json" as the name of a test.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <string>

namespace fingerpost::golden {

inline std::string TestName(const ::testing::TestParamInfo<std::string>& file) {
  std::string name = file.param.substr(0, file.param.rfind('.'));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

}  // namespace fingerpost::golden
