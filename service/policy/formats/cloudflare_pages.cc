// "_redirects" of Cloudflare Pages: from to [status], a line each. Lines without "*" and ":name"
// come before the others; 302 is the default; a "/" at the end of a path counts; the request's
// query is kept where the target has none.

#include <charconv>

#include "core/http/url.h"
#include "policy/formats/cat.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/wildcards.h"

namespace fingerpost::policy::formats {
namespace {

class Reader {
 public:
  explicit Reader(Report& report) : report_(report) {}

  void Read(std::string_view text, Place place) {
    std::vector<std::string_view> words = Words(text);
    for (size_t i = 0; i < words.size(); ++i) {
      if (words[i].starts_with('#')) words.resize(i);
    }
    if (words.empty()) return;
    place_ = place;
    if (words.size() < 2 || words.size() > 3) {
      return Skip(Cat("has ", words.size(), " words"), "write: source target [status]");
    }
    Redirect redirect;
    redirect.place = place;
    redirect.query = v1::QUERY_MODE_KEEP;
    Wildcards wildcards;
    if (!From(words[0], redirect, wildcards) || !Status(words, redirect)) return;
    redirect.target = wildcards.Target(words[1]);
    (redirect.source == Source::kExact ? static_ : dynamic_).push_back(std::move(redirect));
  }

  void Finish(Redirects& redirects) {
    for (Redirects* part : {&static_, &dynamic_}) {
      redirects.insert(redirects.end(), std::make_move_iterator(part->begin()),
                       std::make_move_iterator(part->end()));
    }
  }

 private:
  void Skip(std::string_view why, std::string_view remedy) { report_.Skip(place_, why, remedy); }

  bool From(std::string_view from, Redirect& redirect, Wildcards& wildcards) {
    if (!from.starts_with('/')) {
      Skip("its source is no path", "Cloudflare Pages reads paths only; write one");
      return false;
    }
    from = from.substr(0, from.find('#'));
    if (const std::string_view fault = wildcards.Read(from, redirect); !fault.empty()) {
      Skip(fault, "write one \"*\" at the end of the path, \":name\" for one whole segment");
      return false;
    }
    return true;
  }

  bool Status(const std::vector<std::string_view>& words, Redirect& redirect) {
    redirect.code = 302;
    if (words.size() < 3) return true;
    const std::string_view word = words[2];
    std::from_chars(word.data(), word.data() + word.size(), redirect.code);
    for (const int known : {301, 302, 303, 307, 308}) {
      if (word == std::to_string(known)) return true;
    }
    if (word != "200") {
      Skip(Cat("\"", word, "\" is no status of Cloudflare Pages"),
           "write 301, 302, 303, 307 or 308");
      return false;
    }
    Skip("serves another page and does not redirect",
         "leave it to the server that serves the pages");
    redirect.act = Act::kLeave;
    return true;
  }

  Report& report_;
  Place place_;
  Redirects static_, dynamic_;
};

}  // namespace

void ReadCloudflarePages(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Lines lines(file, index, report);
  Reader reader(report);
  for (std::string_view line; lines.Next(line);) reader.Read(line, lines.place());
  reader.Finish(redirects);
}

}  // namespace fingerpost::policy::formats
