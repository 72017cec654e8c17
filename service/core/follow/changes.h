// Changes: the difference between a request and the next one, and the next request that results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "core/http/fields.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::follow {

// Collects a hop's changes in any order, then writes them once. The next request is made from the
// written changes, so none can be silent.
class Changes {
 public:
  explicit Changes(const v1::HttpRequest& request);

  void SetUrl(std::string_view url, v1::ChangeReason reason = v1::CHANGE_REASON_LOCATION) {
    url_ = url;
    url_reason_ = reason;
  }
  void SetMethod(std::string_view method, v1::ChangeReason reason);
  void DropBody(v1::ChangeReason reason) { body_reason_ = reason; }
  // For an index the first call of Drop or Rewrite wins.
  void Drop(int index, v1::ChangeReason reason);
  void Rewrite(int index, std::string_view value, v1::ChangeReason reason);
  void Add(std::string_view name, std::string_view value, v1::ChangeReason reason);
  // Adds a copy of `header`, even a withheld one.
  void Add(const v1::Header& header, v1::ChangeReason reason);

  [[nodiscard]] std::string_view method() const { return method_; }
  [[nodiscard]] bool IsDropped(int index) const {
    return at(index).kind == v1::CHANGE_KIND_FIELD_DROPPED;
  }
  [[nodiscard]] v1::ChangeReason ReasonOf(int index) const { return at(index).reason; }

  // Fills in out.changes, with their sentences if `texts`, and out.next. `url` must outlive the
  // call.
  void Write(v1::FollowResponse& out, bool texts) const;

 private:
  // An added or rewritten field.
  struct NewField {
    v1::ChangeKind kind;
    v1::ChangeReason reason;
    std::string name;
    std::string octets;
    v1::Header::ContentCase content;

    void Write(v1::Header& to) const;
  };
  struct FieldChange {
    v1::ChangeKind kind = v1::CHANGE_KIND_UNSPECIFIED;
    v1::ChangeReason reason = v1::CHANGE_REASON_UNSPECIFIED;
    int field = -1;  // In fields_.
  };
  [[nodiscard]] const FieldChange& at(int index) const {
    return existing_[static_cast<size_t>(index)];
  }
  void AddNew(v1::ChangeKind kind, v1::ChangeReason reason, std::string_view name,
              std::string_view value);

  const v1::HttpRequest& request_;
  std::string_view url_;
  v1::ChangeReason url_reason_ = v1::CHANGE_REASON_LOCATION;
  std::string_view method_;
  v1::ChangeReason method_reason_ = v1::CHANGE_REASON_UNSPECIFIED;
  v1::ChangeReason body_reason_ = v1::CHANGE_REASON_UNSPECIFIED;
  absl::InlinedVector<FieldChange, 16> existing_;  // For each field of request_.
  std::vector<NewField> fields_;
};

// Makes `request` with `changes`, as v1.Change specifies.
void ApplyChanges(const v1::HttpRequest& request,
                  const google::protobuf::RepeatedPtrField<v1::Change>& changes,
                  v1::HttpRequest& next);

}  // namespace fingerpost::follow
