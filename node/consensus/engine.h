// Engine: decides the order of blocks, as a pure state machine.
//
//   Effects effects = engine.Step(Event{…});
//   // 1. write effects.persist, with one fsync     2. send effects.send
//   // 3. set effects.timer                         4. answer effects.want_payload
//   // 5. run effects.deliver, in order
//
// It has no clock, socket, thread, file or random source: time comes with each event, and what it
// wants done is in the effects. So the same code runs in a node and in a simulation. Not
// thread-safe: one thread steps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/hash.h"
#include "common/units.h"
#include "node/consensus/header.h"

namespace bourse::consensus {

// When an event happened.
struct Now {
  TimeMicros wall;              // what blocks carry; it may be set back
  std::uint64_t steady_us = 0;  // never runs backwards; what timers go by
};

// The end of the chain that is committed.
struct Tip {
  Height height;
  TimeMicros time;
  Hash256 hash;
};

// A block's transactions, and the Merkle root over their exact bytes.
struct Payload {
  Hash256 root;
  std::vector<std::string> transactions;
};

// The node has started, or started again.
struct Started {
  Tip tip;
};
// The timer that was set last has fired. One that comes early, or late, does no harm.
struct TimerFired {};
// The node's own queue holds what a leader could include.
struct WorkWaiting {};
// The answer to Effects::want_payload.
struct PayloadReady {
  Slot slot;
  Payload payload;
};
// A delivered block is executed and on disk.
struct Committed {
  Height height;
};
// A message of another validator, whose signatures are verified.
struct Received {
  std::uint32_t from = 0;  // place in the genesis
  std::string message;
};

struct Event {
  Now now;
  std::variant<Started, TimerFired, WorkWaiting, PayloadReady, Committed, Received> what;
};

struct Message {
  std::optional<std::uint32_t> to;  // nothing: to all
  std::string bytes;
};

// Choose transactions for a block of this slot and time, and answer with PayloadReady, in any case.
struct PayloadRequest {
  Slot slot;
  TimeMicros time;
};

// A block that is decided for good.
struct Decided {
  Header header;
  Hash256 hash;
  Payload payload;
};

struct Effects {
  std::vector<std::string> persist;  // records of the consensus log
  std::vector<Message> send;
  std::optional<std::uint64_t> timer_us;  // replaces the timer; by Now::steady_us
  std::optional<PayloadRequest> want_payload;
  std::vector<Decided> deliver;
};

class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual Effects Step(Event event) = 0;
};

}  // namespace bourse::consensus
