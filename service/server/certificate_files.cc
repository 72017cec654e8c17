#include "server/certificate_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "policy/document/file.h"
#include "server/failure.h"
#include "server/http/tls.h"

namespace fingerpost {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

// All authorities that the world trusts take a quarter of it.
constexpr uint64_t kMaxFile = uint64_t{1} << 20;

std::string ReadFile(const std::string& path) {
  auto text = policy::document::ReadFile(path, kMaxFile);
  if (!text) throw Failure(ExitCode::kFile, fmt::format("{} {}", path, text.error()));
  return *std::move(text);
}

Memory AsMemory(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

// The number of lines that begin or end a PEM block.
int64_t CountMarks(const std::string& text) {
  int64_t marks = text.starts_with('-') ? 1 : 0;
  for (size_t at = 0; (at = text.find("\n-", at)) != std::string::npos; ++at) ++marks;
  return marks;
}

// All certificates of the file, each complete: a truncated file would silently drop the authorities
// at its end.
std::vector<Certificate> ReadCertificates(const std::string& text, const std::string& path) {
  std::vector<Certificate> found;
  int64_t blocks = 0;
  const Memory memory = AsMemory(text);
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  while (PEM_read_bio(memory.get(), &name, &header, &data, &length) == 1) {
    ++blocks;
    const unsigned char* at = data;
    const bool is_certificate = std::string_view(name).ends_with("CERTIFICATE");
    if (is_certificate) found.emplace_back(d2i_X509(nullptr, &at, length), X509_free);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    if (is_certificate && !found.back()) break;
  }
  ERR_clear_error();
  const bool is_damaged = !found.empty() && !found.back();
  if (is_damaged || CountMarks(text) != 2 * blocks) {
    throw Failure(ExitCode::kFile, fmt::format("{}: PEM block {} is damaged or cut off", path,
                                               is_damaged ? blocks : blocks + 1));
  }
  if (found.empty()) {
    throw Failure(ExitCode::kFile, fmt::format("{}: no PEM certificate in it", path));
  }
  return found;
}

Key FirstKey(const std::string& text, const std::string& path) {
  // An encrypted key is useless: nobody can type its password.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  Key found(PEM_read_bio_PrivateKey(AsMemory(text).get(), nullptr, no_password, nullptr),
            EVP_PKEY_free);
  ERR_clear_error();
  if (!found) throw Failure(ExitCode::kFile, fmt::format("{}: no PEM private key in it", path));
  return found;
}

int64_t Seconds(const ASN1_TIME* time, const std::string& path) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    throw Failure(ExitCode::kFile, fmt::format("{}: its validity is not a time", path));
  }
  return timegm(&parts);
}

bool IsValidAt(const Identity& identity, int64_t now) {
  return identity.begin <= now && now <= identity.end;
}

// A file in memory with this content.
int MemoryFile(const std::string& content) {
  const int fd = memfd_create("fingerpostd-tls", MFD_CLOEXEC);
  size_t written = 0;
  while (fd >= 0 && written < content.size()) {
    const ssize_t count = write(fd, content.data() + written, content.size() - written);
    if (count < 0) break;
    written += static_cast<size_t>(count);
  }
  if (fd < 0 || written < content.size()) {
    throw std::system_error(errno, std::generic_category(), "memfd");
  }
  return fd;
}

std::string PathOf(int fd) { return fd < 0 ? "" : fmt::format("/proc/self/fd/{}", fd); }

}  // namespace

Identity ReadIdentity(const Settings& settings) {
  const std::string chain = ReadFile(settings.tls_cert);
  const std::string key = ReadFile(settings.tls_key);
  const std::vector<Certificate> certificates = ReadCertificates(chain, settings.tls_cert);
  X509* const own = certificates.front().get();
  if (X509_check_private_key(own, FirstKey(key, settings.tls_key).get()) != 1) {
    ERR_clear_error();
    throw Failure(ExitCode::kFile,
                  fmt::format("{} is not the key of {}", settings.tls_key, settings.tls_cert));
  }
  Identity identity{.identity = key + "\n" + chain,
                    .authorities = {},
                    .begin = Seconds(X509_get0_notBefore(own), settings.tls_cert),
                    .end = Seconds(X509_get0_notAfter(own), settings.tls_cert)};
  if (!settings.tls_client_ca.empty()) {
    identity.authorities = ReadFile(settings.tls_client_ca);
    (void)ReadCertificates(identity.authorities, settings.tls_client_ca);
  }
  return identity;
}

CertificateFiles::CertificateFiles(const Settings& settings)
    : settings_(settings), identity_(ReadIdentity(settings)) {
  state_.end = identity_.end;
  http_tls_ = MakeHttpTls(identity_.identity, identity_.authorities);
  identity_fd_ = MemoryFile(identity_.identity);
  if (!identity_.authorities.empty()) authorities_fd_ = MemoryFile(identity_.authorities);
  thread_ = std::thread([this] { Run(); });
}

CertificateFiles::~CertificateFiles() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
  close(identity_fd_);
  if (authorities_fd_ >= 0) close(authorities_fd_);
}

std::string CertificateFiles::identity_path() const { return PathOf(identity_fd_); }
std::string CertificateFiles::authorities_path() const { return PathOf(authorities_fd_); }

std::shared_ptr<boost::asio::ssl::context> CertificateFiles::http_tls() const {
  const std::lock_guard lock(mutex_);
  return http_tls_;
}

CertificateFiles::State CertificateFiles::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void CertificateFiles::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, settings_.tls_refresh, [this] { return stop_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

void CertificateFiles::Look() {
  std::string fault;
  try {
    Identity identity = ReadIdentity(settings_);
    if (identity.identity != identity_.identity || identity.authorities != identity_.authorities) {
      CheckValidity(identity);
      Publish(std::move(identity));
      spdlog::info("tls: the new certificate is served");
    }
  } catch (const std::exception& failure) {
    fault = failure.what();
  }
  if (!fault.empty() && fault != last_fault_) {
    spdlog::error("tls: {}; the old certificate stays", fault);
    const std::lock_guard lock(mutex_);
    ++state_.failures;
  }
  last_fault_ = fault;
}

// A certificate that clients refuse never replaces one that they accept.
void CertificateFiles::CheckValidity(const Identity& next) const {
  const int64_t now = std::time(nullptr);
  if (IsValidAt(next, now) || !IsValidAt(identity_, now)) return;
  throw Failure(ExitCode::kFile, fmt::format("{} {}", settings_.tls_cert,
                                             next.end < now ? "has expired" : "is not valid yet"));
}

// Key and chain change in one step, so that gRPC never sees a key with another key's certificate.
void CertificateFiles::Publish(Identity identity) {
  auto http_tls = MakeHttpTls(identity.identity, identity.authorities);
  const auto replace = [](int fd, const std::string& content) {
    const int next = MemoryFile(content);
    dup3(next, fd, O_CLOEXEC);
    close(next);
  };
  replace(identity_fd_, identity.identity);
  if (authorities_fd_ >= 0) replace(authorities_fd_, identity.authorities);
  const std::lock_guard lock(mutex_);
  state_.end = identity.end;
  ++state_.reloads;
  http_tls_ = std::move(http_tls);
  identity_ = std::move(identity);
}

}  // namespace fingerpost
