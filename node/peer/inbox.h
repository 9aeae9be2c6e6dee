// Inbox: makes messages of the frames that one peer sends.
//
// Holds one unfinished message at most, of replica::kMaxMessageBytes at most, and only bytes that
// have come. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bourse/v1/peer.pb.h"

namespace bourse::peer {

class Inbox {
 public:
  // The messages that this frame completes, in order; it takes them out of the frame.
  // INVALID_ARGUMENT for what no Outbox sends, a Hello included: the stream has to end.
  [[nodiscard]] absl::StatusOr<std::vector<std::string>> Take(v1::PeerFrame* frame);

 private:
  absl::StatusOr<std::vector<std::string>> TakePart(v1::PeerPart* part);

  std::string unfinished_;
  std::size_t left_ = 0;  // bytes of it that have not come; 0: there is none
};

}  // namespace bourse::peer
