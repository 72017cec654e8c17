// The certificates of the site's hosts: the name that a client asks for in TLS chooses one (SNI,
// RFC 6066 §3).
#pragma once

#include <memory>
#include <vector>

#include "server/certificate_files.h"
#include "server/settings.h"

namespace fingerpost {

// Settings with each pair of --redirect-tls-cert and --redirect-tls-key as the --tls-cert and
// --tls-key of a port without client certificates. Throws Failure if the numbers differ.
[[nodiscard]] std::vector<Settings> SitePairs(const Settings& settings);

class SiteCertificates {
 public:
  // Throws Failure. Each pair is read again when it changes, and a faulty one never replaces a good
  // one (CertificateFiles).
  explicit SiteCertificates(const Settings& settings);

  // For a new connection: the first certificate that is valid for the name, else the first of all.
  // For one thread at a time; this must outlive the connection's handshake.
  [[nodiscard]] std::shared_ptr<boost::asio::ssl::context> tls() const;

  // The first end, and the sums.
  [[nodiscard]] CertificateFiles::State state() const;

 private:
  std::vector<std::unique_ptr<CertificateFiles>> files_;
};

}  // namespace fingerpost
