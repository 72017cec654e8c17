// The syntax of Apache's configuration: a directive a line, sections in "<…>".
#pragma once

#include <vector>

#include "policy/formats/beside.h"
#include "policy/formats/nginx_syntax.h"

namespace fingerpost::policy::formats {

// As ParseNginx; a section is a directive with a block, named "<VirtualHost". <IfModule>,
// <IfDefine> and <IfVersion> are taken as true.
[[nodiscard]] std::vector<Directive> ParseApache(const File& file, uint16_t index, Beside& beside,
                                                 Report& report);

}  // namespace fingerpost::policy::formats
