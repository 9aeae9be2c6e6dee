// Call: the gRPC call under a session, whichever side we are.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace bourse::peer {

// One read and one write may be under way at a time. What ends them is told to the session, from
// gRPC's threads, never from within these functions; after its OnDone the call is gone.
class Call {
 public:
  virtual ~Call() = default;

  // Both buffers must live until the session hears that it is done.
  virtual void Read(grpc::ByteBuffer* into) = 0;
  virtual void Write(const grpc::ByteBuffer* frame) = 0;
  // Ends it, telling the other side why where that is possible. Once; the last of these but Abort.
  virtual void End(const std::string& reason) = 0;
  // Waits no longer for the other side to take what was written. After End.
  virtual void Abort() = 0;
};

}  // namespace bourse::peer
