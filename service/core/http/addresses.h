// Literal addresses: what a host that is no name stands for. They are read from the host as the URL
// parser serialises it, never from what the parser remembers of a kind, which a relative reference
// loses: one host, one answer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fingerpost::http {

// The eight pieces of an IPv6 address; an IPv4 address is its IPv4-mapped form (RFC 4291 §2.5.5.2),
// which is the same to a connection.
using Address = std::array<uint16_t, 8>;

// Without the dots at the end of a fully qualified name.
[[nodiscard]] std::string_view WithoutFinalDots(std::string_view host);

// Whether `host` is an address, not a name: it has brackets, or ends in a number (WHATWG URL §3.5,
// "ends in a number").
[[nodiscard]] bool IsAddress(std::string_view host);

// nullopt: a name, or numbers that are no address.
[[nodiscard]] std::optional<Address> ReadAddress(std::string_view host);

[[nodiscard]] bool IsIpv4(const Address& address);
// 127.0.0.0/8 or ::1.
[[nodiscard]] bool IsLoopbackAddress(const Address& address);
// RFC 6890 and its registry: not globally reachable, or it carries an IPv4 address that is not.
[[nodiscard]] bool IsPrivateAddress(const Address& address);
// `address` is `other`, or is an IPv6 address that carries the IPv4 address `other`: a connection
// to it may end there.
[[nodiscard]] bool LeadsTo(const Address& address, const Address& other);

}  // namespace fingerpost::http
