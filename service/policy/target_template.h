// A target with captures of the matched path in it: "/articles/{1}",
// "https://new.example.com{rest}".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

// Compiled once; expanding copies octets. What a request sends can never choose the scheme, the
// host or the port: Compile refuses a placeholder there, and a capture never begins a second "/".
class TargetTemplate {
 public:
  // `names[i]` is the name of capture i. `begins_with_slash` is the index of a capture that is
  // empty or begins with "/", and so may follow a host. nullopt: `what` says which placeholder is
  // wrong and what to write instead.
  static std::optional<TargetTemplate> Compile(std::string_view target,
                                               std::span<const std::string> names,
                                               std::optional<size_t> begins_with_slash,
                                               std::string& what);

  [[nodiscard]] bool HasCaptures() const { return !pieces_.empty(); }

  // `captures[i]` is a part of a path in the spelling of NormalPath.
  [[nodiscard]] std::string Expand(std::span<const std::string_view> captures) const;

 private:
  enum class Place : uint8_t { kPath, kQuery, kFragment };
  // A literal and the capture after it.
  struct Piece {
    std::string literal;
    size_t capture;
    Place place;
  };
  std::vector<Piece> pieces_;
  std::string tail_;
};

}  // namespace fingerpost
