#include "node/gate/admission.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/check.h"

namespace bourse::gate {
namespace {

// Addresses remembered, those without connections among them.
constexpr std::size_t kAddressesMax = 65'536;

// How long a connection may be silent before it counts as less than an idle one:
// a TLS handshake with the other side of the world.
constexpr std::int64_t kGraceUs = 1'000'000;

enum class Rank : std::uint8_t { kSilent, kIdle, kNew, kWaiting, kBusy };

// Least useful first; among equals who has been so for longest.
std::tuple<Rank, std::int64_t> UseOf(const Connection& connection, std::int64_t now_us) {
  const FrameGuard& guard = connection.guard();
  if (!connection.open()) {
    const bool is_new = now_us - connection.started_us() < kGraceUs;
    return {is_new ? Rank::kNew : Rank::kSilent, connection.started_us()};
  }
  if (guard.calls_open() == 0) return {Rank::kIdle, guard.idle_since_us()};
  const bool waiting = guard.calls_without_message() == guard.calls_open();
  return {waiting ? Rank::kWaiting : Rank::kBusy, guard.idle_since_us()};
}

}  // namespace

std::size_t Admission::Unproven(const Address& address) {
  return static_cast<std::size_t>(std::ranges::count_if(
      address.connections, [](const auto& connection) { return !connection->open(); }));
}

Admission::Address* Admission::Busiest() {
  Address* busiest = nullptr;
  for (auto& [key, address] : addresses_) {
    if (busiest == nullptr || address->connections.size() > busiest->connections.size()) {
      busiest = address.get();
    }
  }
  return busiest;
}

bool Admission::CloseLeastUseful(Address& address) {
  const std::int64_t now_us = Loop::NowUs();
  const auto least = std::ranges::min_element(
      address.connections, {},
      [now_us](const auto& connection) { return UseOf(*connection, now_us); });
  if (least == address.connections.end()) return false;
  if (std::get<Rank>(UseOf(**least, now_us)) == Rank::kBusy) return false;
  const std::shared_ptr<Connection> connection = *least;  // Close removes it from the list
  connection->Close(CloseReason::kMadeRoom);
  return true;
}

void Admission::CloseOldestUnproven(Address& address) {
  const auto oldest = std::ranges::find_if(
      address.connections, [](const auto& connection) { return !connection->open(); });
  if (oldest == address.connections.end()) return;
  const std::shared_ptr<Connection> connection = *oldest;
  connection->Close(CloseReason::kMadeRoom);
}

CloseReason Admission::MakeRoom(const AddressKey& key) {
  if (const auto it = addresses_.find(key); it != addresses_.end()) {
    Address& address = *it->second;
    if (Unproven(address) >= options_.unproven_per_address_max) {
      CloseOldestUnproven(address);
    } else if (address.connections.size() >= options_.connections_per_address_max &&
               !CloseLeastUseful(address)) {
      return CloseReason::kTooManyFromAddress;
    }
  }
  LimitUnproven();
  if (places_.size() >= options_.connections_max && !CloseOne()) {
    return CloseReason::kTooManyConnections;
  }
  return CloseReason::kNone;
}

void Admission::LimitUnproven() {
  std::size_t sum = 0;
  std::size_t most = 0;
  Address* worst = nullptr;
  for (auto& [key, address] : addresses_) {
    const std::size_t count = Unproven(*address);
    sum += count;
    if (count <= most) continue;
    most = count;
    worst = address.get();
  }
  if (sum >= options_.unproven_max && worst != nullptr) {
    CloseOldestUnproven(*worst);
  }
}

bool Admission::CloseOne() {
  Address* const busiest = Busiest();
  return busiest != nullptr && CloseLeastUseful(*busiest);
}

Connection& Admission::Add(const AddressKey& key, const Make& make) {
  std::unique_ptr<Address>& address = addresses_[key];
  if (address == nullptr) {
    address = std::make_unique<Address>();
    address->load.abandoned = TokenBucket(options_.abandoned_per_address);
  }
  std::shared_ptr<Connection> connection = make(&all_, &address->load);
  Connection& added = *connection;
  places_.emplace(&added, address.get());
  address->connections.push_back(std::move(connection));
  return added;
}

void Admission::Remove(Connection& connection) {
  const auto place = places_.find(&connection);
  CHECK(place != places_.end());
  Address& address = *place->second;
  places_.erase(place);
  connection.LeaveLoads();
  std::erase_if(address.connections, [&](const auto& other) { return other.get() == &connection; });
  // The address stays until Tidy: what it owes outlives its connections.
}

void Admission::Tidy(std::int64_t now_us) {
  const bool crowded = addresses_.size() > kAddressesMax;
  std::erase_if(addresses_, [&](const auto& entry) {
    Address& address = *entry.second;
    return address.connections.empty() && (crowded || address.load.abandoned.IsFull(now_us));
  });
}

bool Admission::OnLoad(Connection& connection) {
  const auto place = places_.find(&connection);
  if (place == places_.end()) return false;
  // Each round closes a connection, so the loops end; usually there is none.
  while (!connection.closed()) {
    Address& address = *place->second;
    if (address.load.calls > options_.calls_per_address_max) {
      MostCalls(address).Close(CloseReason::kSharedCalls);
    } else if (address.load.held_bytes > options_.held_bytes_per_address_max) {
      MostHeld(address).Close(CloseReason::kSharedMemory);
    } else {
      break;
    }
  }
  while (!connection.closed()) {
    if (all_.calls > options_.calls_max) {
      MostCalls(Heaviest(&SharedLoad::calls)).Close(CloseReason::kSharedCalls);
    } else if (all_.held_bytes > options_.held_bytes_max) {
      MostHeld(Heaviest(&SharedLoad::held_bytes)).Close(CloseReason::kSharedMemory);
    } else {
      break;
    }
  }
  return !connection.closed();
}

const Admission::Address& Admission::Heaviest(std::int64_t SharedLoad::*what) const {
  const Address* heaviest = nullptr;
  for (const auto& [key, address] : addresses_) {
    if (heaviest == nullptr || address->load.*what > heaviest->load.*what) {
      heaviest = address.get();
    }
  }
  CHECK(heaviest != nullptr);
  return *heaviest;
}

Connection& Admission::MostCalls(const Address& address) {
  return **std::ranges::max_element(address.connections, {}, [](const auto& connection) {
    const FrameGuard& guard = connection->guard();
    return std::pair(guard.calls_without_message(), guard.calls_open());
  });
}

Connection& Admission::MostHeld(const Address& address) {
  return **std::ranges::max_element(address.connections, {}, [](const auto& connection) {
    return connection->guard().held_bytes();
  });
}

std::vector<std::shared_ptr<Connection>> Admission::All() const {
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(places_.size());
  for (const auto& [key, address] : addresses_) {
    all.insert(all.end(), address->connections.begin(), address->connections.end());
  }
  return all;
}

}  // namespace bourse::gate
