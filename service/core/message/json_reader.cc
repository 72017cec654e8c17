#include <nlohmann/json.hpp>
#include <utility>

#include "core/message/builder.h"
#include "core/message/faults.h"
#include "core/message/json.h"

namespace fingerpost::message {
namespace {

using nlohmann::json;

// nlohmann's message without its prefix ("[json.exception.parse_error.101] parse error at ") and
// without the text that it read last, which may be anything.
std::string SyntaxError(std::string_view what) {
  constexpr std::string_view kPrefix = "parse error at ";
  if (const size_t at = what.find(kPrefix); at != std::string_view::npos) {
    what.remove_prefix(at + kPrefix.size());
  }
  return "expected a JSON object; " + std::string(what.substr(0, what.find("; last read")));
}

// Passes nlohmann's events to the builder. Returning false ends the parsing.
class Events {
 public:
  Events(Builder& builder, std::string& syntax_error)
      : builder_(builder), syntax_error_(syntax_error) {}

  // Names and types are nlohmann's (json_sax).
  bool null() { return builder_.Null(), true; }
  bool boolean(bool value) { return builder_.Bool(value), true; }
  bool number_integer(int64_t value) { return builder_.Integer(value), true; }
  bool number_unsigned(uint64_t value) { return builder_.Unsigned(value), true; }
  bool number_float(double value, const std::string& /*text*/) {
    return builder_.Real(value), true;
  }
  bool string(const std::string& value) { return builder_.Text(value), true; }
  bool binary(const json::binary_t& /*value*/) { return false; }  // JSON has none
  bool start_object(size_t /*unknown*/) { return builder_.BeginObject(), true; }
  bool key(const std::string& name) { return builder_.Key(name), true; }
  bool end_object() { return builder_.EndObject(), true; }
  bool start_array(size_t /*unknown*/) { return builder_.BeginList(), true; }
  bool end_array() { return builder_.EndList(), true; }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const json::exception& error) {
    syntax_error_ = SyntaxError(error.what());
    return false;
  }

 private:
  Builder& builder_;
  std::string& syntax_error_;
};

}  // namespace

Done FromJson(std::string_view text, google::protobuf::Message& message) {
  message.Clear();
  Faults faults;
  Builder builder(message, faults);
  std::string syntax_error;
  Events events(builder, syntax_error);
  if (!json::sax_parse(text.begin(), text.end(), &events)) {
    v1::Error error;
    error.set_code("INVALID_ARGUMENT");
    error.set_reason(v1::ERROR_REASON_MALFORMED_JSON);
    error.set_message(syntax_error);
    return Unexpected(std::move(error));
  }
  if (!faults.empty()) return Unexpected(ToError(faults));
  return {};
}

}  // namespace fingerpost::message
