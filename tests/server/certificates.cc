#include "server/certificates.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace fingerpost::testing {
namespace {

constexpr char kNewKey[] = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

}  // namespace

Certificates::Certificates() {
  std::string name = (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = name;
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Certificates::OpenSsl(const std::string& arguments) const {
  const std::string command = "cd " + directory_.string() + " && openssl " + arguments + " 2>log";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command + ": " + Read("log"));
}

void Certificates::MakeAuthority(const std::string& name) const {
  OpenSsl("req -x509 " + std::string(kNewKey) + " -days 1 -subj /CN=" + name + " -keyout " + name +
          ".key -out " + name + ".pem");
}

void Certificates::Make(const std::string& name, const std::string& authority,
                        const std::string& alternative, int days) const {
  OpenSsl("req " + std::string(kNewKey) + " -subj /CN=" + name + " -addext subjectAltName=" +
          alternative + " -keyout " + name + ".key -out " + name + ".csr");
  OpenSsl("x509 -req -copy_extensions copy -CAcreateserial -in " + name + ".csr -CA " + authority +
          ".pem -CAkey " + authority + ".key -days " + std::to_string(days) + " -out " + name +
          ".pem");
}

std::string Certificates::Path(const std::string& file) const {
  return (directory_ / file).string();
}

std::string Certificates::Read(const std::string& file) const {
  std::ostringstream text;
  text << std::ifstream(Path(file)).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ChannelCredentials> Certificates::Client(const std::string& authority,
                                                               const std::string& client) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = Read(authority + ".pem");
  if (!client.empty()) {
    options.pem_private_key = Read(client + ".key");
    options.pem_cert_chain = Read(client + ".pem");
  }
  return grpc::SslCredentials(options);
}

}  // namespace fingerpost::testing
