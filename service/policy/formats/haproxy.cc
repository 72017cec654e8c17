// A map file of HAProxy: a key and a value a line. What the keys are compared with is in the
// configuration: "/path" is taken for a path, "host/path" for both ("base"), as map_str does it.
// The first of equal keys counts.
#include "policy/formats/key_values.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {

void ReadHaproxy(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  const size_t before = redirects.size();
  for (const KeyValue& row : ReadKeyValues(file, index, ValueEnd::kLine, report)) {
    UrlSource source;
    std::string_view fault = ReadUrlSource(row.key, source);
    if (fault.empty() && !source.query.empty()) fault = "its key has a query";
    if (!fault.empty()) {
      report.Skip(row.place, fault, "write a path that begins with \"/\", or host and path");
      continue;
    }
    Redirect redirect;
    redirect.place = row.place;
    redirect.code = 302;
    redirect.path = source.path;
    if (!source.host.empty()) redirect.hosts = {source.host};
    redirect.target = WithoutPlaceholders(row.value);
    redirects.push_back(std::move(redirect));
  }
  if (redirects.size() == before) return;
  const Place all{0, index};
  report.Change(all, "takes %61 in a path for \"a\", where HAProxy compares octets",
                "nothing needs to be done");
  report.Note(all, "a map does not say its code", "it is 302, as of \"redirect location\"");
  report.Note(all, "a map does not say what becomes of a request's query",
              "it is dropped, as by %[path,map_str(file)]");
}

}  // namespace fingerpost::policy::formats
