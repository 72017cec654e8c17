// Tables that grow as the last memory goes.
#pragma once

#include <new>

namespace fingerpost::policy::compiled {

// Adds to one of Abseil's tables by `add()`. Without memory these break while they grow: not even
// their destructor works. Then it is an empty one, what it had is leaked, and bad_alloc goes on.
template <typename Table, typename Add>
decltype(auto) Grow(Table& table, Add add) {
  try {
    return add();
  } catch (const std::bad_alloc&) {
    new (&table) Table();
    throw;
  }
}

}  // namespace fingerpost::policy::compiled
