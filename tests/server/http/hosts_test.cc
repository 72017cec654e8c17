#include "server/http/hosts.h"

#include <gtest/gtest.h>

#include "server/daemon.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

TEST(HttpHosts, AddressesAndNamesThatNoStrangerHas) {
  const HttpHosts hosts("api.example.org:8080", {"proxy.example.com", "*.shop.example"});
  for (const char* host :
       {"", "127.0.0.1", "127.0.0.1:9090", "10.1.2.3:80", "[::1]", "[::1]:9090", "localhost",
        "LOCALHOST:1", "localhost.", "fingerpost", "fingerpost:80", "fingerpost.shop.svc",
        "fingerpost.shop.svc.cluster.local.:80", "a.localhost", "api.example.org",
        "API.example.org:1", "proxy.example.com", "a.shop.example", "a.b.shop.example:80"}) {
    EXPECT_TRUE(hosts.Serves(host)) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:9090", "127.0.0.1.evil.example", "x.proxy.example.com",
        "shop.example", ".shop.example", "xshop.example", "localhost.evil.example", "1.2.3.4.5",
        "svc.evil.example", ".svc", "cluster.local", "[::1].evil.example", "evil.example:x:1"}) {
    EXPECT_FALSE(hosts.Serves(host)) << host;
  }
}

TEST(HttpHosts, BothPortsRefuseAForeignName) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                       "--allow-host", "admin.example.org"});
  const auto status = [](const std::string& address, const std::string& host) {
    return Exchange(address,
                    "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
        .status;
  };
  for (const char* host : {"evil.example", "127.0.0.1.evil.example:80"}) {
    EXPECT_EQ(status(daemon.admin_address(), host), 421) << host;
    EXPECT_EQ(status(daemon.http_address(), host), 421) << host;
  }
  for (const std::string& host : {std::string("admin.example.org"), std::string("localhost:8080"),
                                  daemon.admin_address(), std::string("[2001:db8::1]:9090")}) {
    EXPECT_EQ(status(daemon.admin_address(), host), 200) << host;
    EXPECT_EQ(status(daemon.http_address(), host), 404) << host;
  }
  // Probes of load balancers; browsers always send Host.
  EXPECT_EQ(Exchange(daemon.admin_address(), "GET /healthz HTTP/1.0\r\n\r\n").status, 200);
}

}  // namespace
}  // namespace fingerpost::testing
