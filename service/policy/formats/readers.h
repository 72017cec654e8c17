// The readers, one for each format. Each appends the redirects of a file, in the order in which its
// tool tries them, and reports the lines that are none.
#pragma once

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"
#include "policy/formats/text.h"

namespace fingerpost::policy::formats {

void ReadApache(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadCloudflareCsv(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadCsv(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadGateway(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadHaproxy(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadNginx(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadNetlify(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadNetlifyToml(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadTraefik(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadVercel(const File& file, uint16_t index, Redirects& redirects, Report& report);
void ReadCloudflarePages(const File& file, uint16_t index, Redirects& redirects, Report& report);

}  // namespace fingerpost::policy::formats
