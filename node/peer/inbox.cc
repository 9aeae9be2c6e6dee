#include "node/peer/inbox.h"

#include <utility>

#include "node/peer/outbox.h"
#include "node/replica/message.h"

namespace bourse::peer {

absl::StatusOr<std::vector<std::string>> Inbox::Take(v1::PeerFrame* frame) {
  switch (frame->what_case()) {
    case v1::PeerFrame::kKeepAlive:
      return std::vector<std::string>();
    case v1::PeerFrame::kPart:
      return TakePart(frame->mutable_part());
    case v1::PeerFrame::kBatch:
      break;
    case v1::PeerFrame::kHello:
      return absl::InvalidArgumentError("a second Hello");
    case v1::PeerFrame::WHAT_NOT_SET:
      return absl::InvalidArgumentError("a frame of an unknown kind");
  }
  auto& messages = *frame->mutable_batch()->mutable_messages();
  if (messages.empty() || static_cast<std::size_t>(messages.size()) > kFrameMessages) {
    return absl::InvalidArgumentError("a batch of too few or too many messages");
  }
  return std::vector<std::string>(std::make_move_iterator(messages.begin()),
                                  std::make_move_iterator(messages.end()));
}

absl::StatusOr<std::vector<std::string>> Inbox::TakePart(v1::PeerPart* part) {
  const std::size_t size = part->bytes().size();
  const std::size_t left = part->left();
  if (size == 0) return absl::InvalidArgumentError("an empty piece");
  if (left_ == 0 && size + left > replica::kMaxMessageBytes) {
    return absl::InvalidArgumentError("a message that is too large");
  }
  if (left_ != 0 && left_ != size + left) {
    return absl::InvalidArgumentError("a piece that does not fit the one before");
  }
  left_ = left;
  unfinished_.append(part->bytes());
  std::vector<std::string> messages;
  if (left_ == 0) messages.push_back(std::exchange(unfinished_, {}));
  return messages;
}

}  // namespace bourse::peer
