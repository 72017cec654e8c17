// The policy's test table: what the source says of its own redirects, so that `policy test` proves
// the import.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

class TestTable {
 public:
  // A table has at most 8 MiB.
  static constexpr size_t kMaxTests = 2000;

  // `redirects`: how many will be added. Of more than kMaxTests a part is tested, evenly.
  explicit TestTable(size_t redirects) : every_(redirects / kMaxTests + 1) {}

  // `id` is that of its rule or row, `file` where it comes from.
  void Add(const Redirect& redirect, const std::vector<std::string>& hosts, const std::string& id,
           const std::string& file);

  [[nodiscard]] std::string Take();

 private:
  size_t every_;
  size_t added_ = 0;
  size_t tests_ = 0;
  std::string out_;
};

}  // namespace fingerpost::policy::formats
