// Admission: the bounds that connections share, and who has to go when one is
// reached.
//
// The principle: what is shared is taken from whoever has most of it and does least
// with it, not from the newcomer. So somebody who opens connections without end
// meets his own old ones, and an honest client still gets in. Ranks of those that
// can go, least useful first: silent (no preface for a second), idle (no call), new (no
// preface yet), waiting (no call has brought a message); busy ones stay.
//
// On the loop's thread alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "node/gate/address.h"
#include "node/gate/admission_options.h"
#include "node/gate/connection.h"

namespace bourse::gate {

class Admission {
 public:
  explicit Admission(const AdmissionOptions& options) : options_(options) {
    all_.abandoned = TokenBucket(options.abandoned);
  }

  // Makes room for one more connection of `address`, closing others (kMadeRoom) if
  // it must. kNone: it may come; else why not.
  CloseReason MakeRoom(const AddressKey& address);
  // Closes the least useful connection of all, whoever has most. False: none can go.
  bool CloseOne();

  // Makes the connection of `address`, with the two loads it is to add to.
  using Make = std::function<std::shared_ptr<Connection>(SharedLoad* all, SharedLoad* address)>;
  Connection& Add(const AddressKey& address, const Make& make);
  // REQUIRES: it was added.
  void Remove(Connection& connection);

  // Calls or held bytes may have grown: closes the connections that have most while a
  // sum is over its bound. False: `connection` was among them.
  bool OnLoad(Connection& connection);

  // Forgets addresses that have no connection and owe nothing. To be called now and
  // then.
  void Tidy(std::int64_t now_us);

  // Kept alive by the answer, so that they may be closed one after another.
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> All() const;

  [[nodiscard]] std::size_t size() const { return places_.size(); }
  [[nodiscard]] const SharedLoad& load() const { return all_; }

 private:
  struct Address {
    SharedLoad load;
    std::vector<std::shared_ptr<Connection>> connections;  // in the order they came
  };

  [[nodiscard]] static std::size_t Unproven(const Address& address);
  [[nodiscard]] Address* Busiest();
  static bool CloseLeastUseful(Address& address);
  static void CloseOldestUnproven(Address& address);
  void LimitUnproven();
  // REQUIRES: there is a connection.
  [[nodiscard]] const Address& Heaviest(std::int64_t SharedLoad::*what) const;
  // With most calls without a message, then most calls; or most bytes.
  static Connection& MostCalls(const Address& address);
  static Connection& MostHeld(const Address& address);

  const AdmissionOptions options_;
  SharedLoad all_;
  std::map<AddressKey, std::unique_ptr<Address>> addresses_;
  std::unordered_map<const Connection*, Address*> places_;
};

}  // namespace bourse::gate
