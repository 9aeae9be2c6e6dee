// A disk in memory that forgets, when the power goes, what was not synced: as strictly as POSIX
// allows, and more so than most file systems are.
//
//   - Of a file, what was written after its last sync: all of it, all but a random beginning, or
//     a beginning followed by zeros or garbage where the rest should be. With TearPages also: of
//     its pages any, in any order, with zeros or garbage in place of the others.
//   - Of a folder, what was made, renamed or deleted in it after its last sync, from a random one
//     of these changes on. A file in a folder whose own name was lost is lost with it.
//
// Thread-safe. Which changes the power's loss takes depends on the seed; with threads that write at
// the same time, on their order too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::ledger::testing {

class SimulatedDisk {
 public:
  enum class Result { kOk, kOff, kMissing, kExists };

  // What a name stands for. Handles are of one power cycle: after the next they are dead.
  struct Node {
    std::string data;
    std::size_t synced = 0;  // bytes of data that are durable
    bool is_folder = false;
  };
  struct Handle {
    std::shared_ptr<Node> node;
    std::uint64_t cycle = 0;
  };

  explicit SimulatedDisk(std::uint64_t seed);

  // From now on pages of a file may reach the disk in any order.
  void TearPages();

  // The power goes at the `count`th change from now (1: the next), which may or may not happen.
  void CutAfter(std::uint64_t count);
  void Cut();
  // The power comes back, on a disk with what was durable.
  void Restore();
  [[nodiscard]] bool is_off() const;
  // Changes so far: writes, syncs, and what is done to names.
  [[nodiscard]] std::uint64_t changes() const;

  // Paths are absolute; "/" is there from the start.
  Result MakeFolder(const std::string& path);
  Result Create(const std::string& path, Handle* handle);  // replaces what was there
  Result Open(const std::string& path, Handle* handle) const;
  Result Append(const Handle& handle, std::string_view data);
  Result Truncate(const Handle& handle, std::size_t size);
  Result Sync(const Handle& handle);
  Result SyncFolder(const std::string& path);
  Result Rename(const std::string& from, const std::string& to);
  Result Remove(const std::string& path);
  Result Read(const Handle& handle, std::size_t offset, std::size_t size, std::string* out) const;
  Result Size(const Handle& handle, std::size_t* size) const;
  Result List(const std::string& path, std::vector<std::string>* names) const;
  Result Lock(const std::string& path);  // kExists: someone has the lock
  void Unlock(const std::string& path);

 private:
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  // A change of names that is not durable yet.
  struct Pending {
    std::string folder;          // whose sync makes it durable
    std::string removed;         // a name that goes, or empty
    std::string added;           // a name that comes, or empty
    std::shared_ptr<Node> node;  // what it stands for
  };

  // These, with the lock held.

  // Counts a change; true if it is complete, false if the power went with it.
  bool Step();
  bool IsDead(const Handle& handle) const;
  void Change(Pending change);
  void Tear(Node& node);
  void LosePages(Node& node);
  std::uint64_t Random(std::uint64_t bound);
  static void Apply(const Pending& change, Names* names);

  // Guards all below; one that ThreadSanitizer sees.
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  Names live_;     // as processes see it
  Names durable_;  // as the disk has it
  std::vector<Pending> pending_;
  std::set<std::string> locks_;
  std::uint64_t changes_ = 0;
  std::uint64_t cut_at_ = 0;  // 0: never
  std::uint64_t cycle_ = 0;
  bool off_ = false;
  bool tears_pages_ = false;
};

}  // namespace bourse::ledger::testing
