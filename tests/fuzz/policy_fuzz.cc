// Any text as a policy: a snapshot that answers, or at least one problem with a place in the file.
#include <cstdint>
#include <utility>

#include "done.h"
#include "must.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::fuzz {
namespace {

void Run(std::string_view text) {
  const policy::load::Loaded loaded = policy::load::FromText(text, "fuzz.yaml");
  if (loaded.snapshot == nullptr) {
    Must(!loaded.problems.empty(), "refused without a problem");
    return;
  }
  for (const char* url :
       {"https://shop.example.com/", "http://a.test/old/x?q=1#f",
        "https://evil.com.old.example//evil.com?p=%2f%2fevil.com&id=..", "not a url"}) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url(url);
    for (const auto& [name, value] :
         {std::pair("Cookie", "c=//evil.com; id=.."), std::pair("X-Id", "\\evil.com")}) {
      v1::Header& header = *request.mutable_request()->add_headers();
      header.set_name(name);
      header.set_value(value);
    }
    request.set_explain(true);
    v1::DecideResponse answer;
    v1::Error error;
    const bool answered = IsDone(policy::resolve::Decide(*loaded.snapshot, request, answer), error);
    Must(answered || error.violations_size() > 0, "neither an answer nor an error");
  }
}

}  // namespace
}  // namespace fingerpost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fingerpost::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
