#include "core/http/addresses.h"

#include <algorithm>
#include <charconv>

#include "absl/container/inlined_vector.h"

namespace fingerpost::http {
namespace {

constexpr uint32_t Join(uint16_t high, uint16_t low) {
  return static_cast<uint32_t>(high) << 16 | low;
}

constexpr uint32_t Ipv4Of(const Address& mapped) { return Join(mapped[6], mapped[7]); }

constexpr Address Mapped(uint32_t ipv4) {
  return {0, 0, 0, 0, 0, 0xFFFF, static_cast<uint16_t>(ipv4 >> 16), static_cast<uint16_t>(ipv4)};
}

// "127.0.0.1", as the URL parser writes every spelling of it.
std::optional<Address> ReadIpv4(std::string_view host) {
  uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    uint8_t number = 0;
    const auto [end, fault] = std::from_chars(host.data(), host.data() + host.size(), number);
    if (fault != std::errc()) return std::nullopt;
    host.remove_prefix(static_cast<size_t>(end - host.data()));
    if (part < 3) {
      if (!host.starts_with('.')) return std::nullopt;
      host.remove_prefix(1);
    }
    address = address << 8 | number;
  }
  return host.empty() ? std::optional(Mapped(address)) : std::nullopt;
}

// `host` is the URL parser's form (RFC 5952), in brackets.
Address ReadIpv6(std::string_view host) {
  host = host.substr(1, host.size() - 2);
  Address pieces{};
  const auto read = [&pieces](std::string_view text, size_t at) {
    while (!text.empty() && at < pieces.size()) {
      const size_t colon = std::min(text.find(':'), text.size());
      std::from_chars(text.data(), text.data() + colon, pieces[at], 16);
      ++at;
      text.remove_prefix(std::min(colon + 1, text.size()));
    }
  };
  const size_t gap = host.find("::");
  read(host.substr(0, gap), 0);
  if (gap == std::string_view::npos) return pieces;
  const std::string_view tail = host.substr(gap + 2);
  const auto colons = static_cast<size_t>(std::count(tail.begin(), tail.end(), ':'));
  if (!tail.empty()) read(tail, pieces.size() - colons - 1);
  return pieces;
}

bool IsPrivateIpv4(uint32_t address) {
  struct Block {
    uint32_t network;
    int bits;
  };
  // RFC 6890 and its registry: everything that is not globally reachable.
  static constexpr std::array<Block, 15> kBlocks = {{{0x00000000, 8},
                                                     {0x0A000000, 8},
                                                     {0x64400000, 10},
                                                     {0x7F000000, 8},
                                                     {0xA9FE0000, 16},
                                                     {0xAC100000, 12},
                                                     {0xC0000000, 24},
                                                     {0xC0000200, 24},
                                                     {0xC0586300, 24},
                                                     {0xC0A80000, 16},
                                                     {0xC6120000, 15},
                                                     {0xC6336400, 24},
                                                     {0xCB007100, 24},
                                                     {0xE0000000, 4},
                                                     {0xF0000000, 4}}};
  return std::any_of(kBlocks.begin(), kBlocks.end(), [address](const Block& block) {
    return ((address ^ block.network) >> (32 - block.bits)) == 0;
  });
}

constexpr bool StartsWith(const Address& address, std::initializer_list<uint16_t> pieces) {
  return std::equal(pieces.begin(), pieces.end(), address.begin());
}

using Ipv4s = absl::InlinedVector<uint32_t, 4>;

// The IPv4 addresses that an IPv6 address carries, in any of the known ways.
Ipv4s CarriedBy(const Address& p) {
  Ipv4s carried;
  const uint32_t last = Join(p[6], p[7]);
  // IPv4-compatible (RFC 4291 §2.5.5.1), except :: and ::1; IPv4-translated (RFC 2765 §2.1); NAT64
  // (RFC 6052 §2.1).
  if ((StartsWith(p, {0, 0, 0, 0, 0, 0}) && last > 1) || StartsWith(p, {0, 0, 0, 0, 0xFFFF, 0}) ||
      StartsWith(p, {0x64, 0xFF9B, 0, 0, 0, 0})) {
    carried.push_back(last);
  }
  // NAT64 for local use (RFC 8215): a prefix of 48, 56, 64 or 96 bits (RFC 6052 §2.2).
  if (StartsWith(p, {0x64, 0xFF9B, 1})) {
    const auto octets = [](uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
      return a << 24 | b << 16 | c << 8 | d;
    };
    carried.push_back(octets(p[3] >> 8, p[3] & 255, p[4] & 255, p[5] >> 8));
    carried.push_back(octets(p[3] & 255, p[4] & 255, p[5] >> 8, p[5] & 255));
    carried.push_back(octets(p[4] & 255, p[5] >> 8, p[5] & 255, p[6] >> 8));
    carried.push_back(last);
  }
  if (p[0] == 0x2002) carried.push_back(Join(p[1], p[2]));  // 6to4 (RFC 3056 §2).
  if (StartsWith(p, {0x2001, 0})) {  // Teredo: its server, and its client inverted (RFC 4380 §4).
    carried.push_back(Join(p[2], p[3]));
    carried.push_back(~last);
  }
  if ((p[4] & 0xFDFF) == 0 && p[5] == 0x5EFE) carried.push_back(last);  // ISATAP (RFC 5214 §6.1).
  return carried;
}

}  // namespace

std::string_view WithoutFinalDots(std::string_view host) {
  while (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool IsAddress(std::string_view host) {
  if (host.starts_with('[')) return true;
  host = WithoutFinalDots(host);
  // The parser has already refused "a.1" and turned "0x7f.1" into an address.
  const size_t digits = host.find_last_not_of("0123456789");
  return !host.empty() &&
         (digits == std::string_view::npos || (host[digits] == '.' && digits + 1 < host.size()));
}

std::optional<Address> ReadAddress(std::string_view host) {
  if (host.starts_with('[')) return ReadIpv6(host);
  return IsAddress(host) ? ReadIpv4(WithoutFinalDots(host)) : std::nullopt;
}

bool IsIpv4(const Address& address) { return StartsWith(address, {0, 0, 0, 0, 0, 0xFFFF}); }

bool IsLoopbackAddress(const Address& address) {
  return IsIpv4(address) ? address[6] >> 8 == 127 : address == Address{0, 0, 0, 0, 0, 0, 0, 1};
}

bool IsPrivateAddress(const Address& address) {
  if (IsIpv4(address)) return IsPrivateIpv4(Ipv4Of(address));
  const Ipv4s carried = CarriedBy(address);
  if (std::any_of(carried.begin(), carried.end(), IsPrivateIpv4)) return true;
  if (StartsWith(address, {0x64, 0xFF9B, 0, 0, 0, 0})) return false;
  // Global unicast is 2000::/3 only; 2001:db8::/32 and 2001::/23 are special (RFC 6890), and
  // 3fff::/20 is documentation (RFC 9637).
  if ((address[0] & 0xE000) != 0x2000 || (address[0] == 0x3FFF && address[1] < 0x1000)) return true;
  return address[0] == 0x2001 && (address[1] == 0x0DB8 || address[1] < 0x0200);
}

bool LeadsTo(const Address& address, const Address& other) {
  if (address == other) return true;
  if (!IsIpv4(other)) return false;
  const Ipv4s carried = CarriedBy(address);
  return std::find(carried.begin(), carried.end(), Ipv4Of(other)) != carried.end();
}

}  // namespace fingerpost::http
