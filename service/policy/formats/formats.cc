#include "policy/formats/formats.h"

#include <array>

#include "policy/formats/readers.h"
#include "policy/formats/settle.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::array kFormats = {
    Format{"apache", "configuration or .htaccess of Apache, or the text of a RewriteMap",
           ReadApache},
    Format{"cloudflare-csv", "Bulk Redirects of Cloudflare", ReadCloudflareCsv},
    Format{"cloudflare-pages", "_redirects of Cloudflare Pages", ReadCloudflarePages},
    Format{"csv", "spreadsheets: source, target, code, with or without a header", ReadCsv},
    Format{"gateway", "HTTPRoute of the Gateway API (YAML)", ReadGateway},
    Format{"haproxy", "map of HAProxy, keys as map_str compares them", ReadHaproxy},
    Format{"netlify", "_redirects of Netlify", ReadNetlify},
    Format{"netlify.toml", "netlify.toml of Netlify", ReadNetlifyToml},
    Format{"nginx", "configuration of nginx, or a file that its map includes", ReadNginx},
    Format{"traefik", "redirects of Traefik's middlewares (YAML)", ReadTraefik},
    Format{"vercel", "vercel.json, or bulk redirects of Vercel (CSV, JSON)", ReadVercel},
};

}  // namespace

std::span<const Format> Formats() { return kFormats; }

Written Convert(const Import& import, const std::vector<SourceFile>& sources, Report& report) {
  Redirects redirects;
  for (size_t i = 0; i < sources.size(); ++i) {
    sources[i].format->read(sources[i].file, static_cast<uint16_t>(i), redirects, report);
  }
  return Write(Settle(std::move(redirects), import.hosts, report), import.name, import.hosts,
               report);
}

}  // namespace fingerpost::policy::formats
