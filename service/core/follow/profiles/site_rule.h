// What a client takes for one site.
#pragma once

namespace fingerpost::follow {

// When a request stays on its site.
struct SiteRule {
  // http and https are one site ("schemelessly same site").
  bool ignores_scheme = false;
  // A host without a registrable domain has no site: Sec-Fetch-Site is cross-site on another port.
  bool needs_domain_for_metadata = false;
  // Every URL of the chain must be of the next one's site, not only the first.
  bool of_whole_chain = false;
  // So must the page that Referer names.
  bool of_page = false;
  // A cookie without SameSite crosses sites with every method, because it counts as None or, if it
  // is new, as None at the top level.
  bool unspecified_crosses = false;
};

}  // namespace fingerpost::follow
