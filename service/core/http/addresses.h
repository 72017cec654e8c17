// Literal addresses in a host. They are read from the host as the URL parser serialises it. The
// parser's own record of the host's kind is not used, because a relative reference loses it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fingerpost::http {

// The eight pieces of an IPv6 address. An IPv4 address has its IPv4-mapped form (RFC 4291
// §2.5.5.2), which is equivalent for a connection.
using Address = std::array<uint16_t, 8>;

// Removes the dots at the end of a fully qualified name.
[[nodiscard]] std::string_view WithoutFinalDots(std::string_view host);

// Whether `host` is an address rather than a name: it has brackets, or ends in a number (WHATWG URL
// §3.5, "ends in a number").
[[nodiscard]] bool IsAddress(std::string_view host);

// nullopt: a name, or numbers that are not an address.
[[nodiscard]] std::optional<Address> ReadAddress(std::string_view host);

[[nodiscard]] bool IsIpv4(const Address& address);
// 127.0.0.0/8 or ::1.
[[nodiscard]] bool IsLoopbackAddress(const Address& address);
// RFC 6890 and its registry: whether it is not globally reachable, or carries an IPv4 address that
// is not.
[[nodiscard]] bool IsPrivateAddress(const Address& address);
// Whether `address` is `other`, or is an IPv6 address that carries the IPv4 address `other`, so
// that a connection may end there.
[[nodiscard]] bool LeadsTo(const Address& address, const Address& other);

}  // namespace fingerpost::http
