// "_redirects" of Netlify: from [name=value…] to [status[!]] [condition…], a line each.
#include "policy/formats/netlify_line.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// False: the line is none, which is reported.
bool Divide(const std::vector<std::string_view>& words, Place place, NetlifyLine& line,
            Report& report) {
  line.from = words[0];
  size_t next = 1;
  if (words.size() > 1 && NetlifyStatus(words[1])) {  // "/* 200": forwards to itself.
    line.status = words[1];
    next = 2;
  } else {
    while (next < words.size() && !words[next].starts_with('/') && !IsAbsolute(words[next])) {
      line.query.push_back(words[next++]);
    }
    if (next == words.size()) {
      report.Skip(place, "has no target", "write a path that begins with \"/\", or a URL");
      return false;
    }
    line.to = words[next++];
    if (next < words.size()) line.status = words[next++];
  }
  line.conditions.assign(words.begin() + static_cast<ptrdiff_t>(next), words.end());
  return true;
}

}  // namespace

void ReadNetlify(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Lines lines(file, index, report);
  NetlifyLines read(redirects, report);
  for (std::string_view text; lines.Next(text);) {
    std::vector<std::string_view> words = Words(text);
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i].starts_with('#')) words.resize(i);
    }
    NetlifyLine line;
    if (!words.empty() && Divide(words, lines.place(), line, report)) read.Add(line, lines.place());
  }
  read.Finish(index);
}

}  // namespace fingerpost::policy::formats
