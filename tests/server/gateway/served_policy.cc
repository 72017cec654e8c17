#include "server/gateway/served_policy.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace fingerpost::testing {

namespace fs = std::filesystem;

TestDirectory::TestDirectory() {
  std::string name = (fs::temp_directory_path() / "gateway-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TestDirectory::~TestDirectory() { fs::remove_all(path_); }

std::string TestDirectory::Write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ / name) << text;
  return Path(name);
}

std::string Request(const std::string& line, const std::string& fields,
                    const std::string& content) {
  return line + " HTTP/1.1\r\nConnection: close\r\n" + fields + "\r\n" + content;
}

std::string FieldOf(const HttpResponse& response, const std::string& name) {
  const std::string lines = "\r\n" + response.fields;
  const size_t at = lines.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "(absent)";
  const size_t begin = at + name.size() + 4;
  return lines.substr(begin, lines.find("\r\n", begin) - begin);
}

std::vector<std::string> LinesOf(const HttpResponse& response) {
  std::vector<std::string> found;
  std::istringstream lines(response.fields);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && !line.starts_with("Date: ") && !line.starts_with("Connection: "))
      found.push_back(line);
  }
  std::sort(found.begin(), found.end());
  return found;
}

double Metric(const Daemon& daemon, const std::string& series) {
  const std::string text = "\n" + Get(daemon.admin_address(), "/metrics").body;
  const size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
}

}  // namespace fingerpost::testing
