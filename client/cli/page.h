// Builds a text for a person.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/http.pb.h"
#include "output.h"

namespace fingerpost::cli {

// Makes everything harmless (see Harmless) that is added.
class Page {
 public:
  // `columns`: where sentences are broken; 0: nowhere.
  explicit Page(const Palette& palette, size_t columns = 0)
      : palette_(palette), columns_(columns) {}

  // A whole line, such as a status line or a request line. Never broken.
  void Line(Style style, std::string_view text);
  // A sentence: a verdict.
  void Sentence(Style style, std::string_view text);
  // A field line as on the wire; "(withheld)" for a value that is.
  void Field(const v1::Header& header);
  void Fields(const google::protobuf::RepeatedPtrField<v1::Header>& headers);
  // A table of what happened and why, with the reasons in a column of their own, or below where
  // lines are broken.
  struct Row {
    Style style;
    std::string_view label;
    std::string what;
    std::string why;
  };
  void Table(const std::vector<Row>& rows);
  // A label, and text beside it.
  void Note(std::string_view label, std::string_view text, Style style = Style::kDim);
  void Warnings(const google::protobuf::RepeatedPtrField<v1::Warning>& warnings);
  void Blank() { text_ += '\n'; }
  // Several lines of content.
  void Content(std::string_view text);

  [[nodiscard]] std::string Take() { return std::move(text_); }

 private:
  // Breaks `text` and indents all lines but the first by `indent`.
  void Broken(Style style, std::string_view text, size_t indent);

  const Palette& palette_;
  size_t columns_;
  std::string text_;
};

// "the sentence [RFC 9110 §15.4.4, Fetch]"
[[nodiscard]] std::string Cited(std::string_view sentence,
                                const google::protobuf::RepeatedPtrField<std::string>& citations);

// "HTTP/1.1"
[[nodiscard]] std::string_view VersionName(v1::Protocol protocol);

// Request line and fields as they go to the server, Host included. `target`: that of the request
// line where it is none of a URL (FollowResponse.request_target); it is shown with escapes.
void ShowRequest(const v1::HttpRequest& request, std::string_view target, Page& page);

}  // namespace fingerpost::cli
