// A RocksDB environment whose disk loses power, for tests of what survives.
//
//   PowerLossEnv power(seed);
//   auto store = RocksStore::Open("/ledger", {.env = power.env()});
//   power.CutAfter(1'000);           // file operations from now; or power.Cut(), at once
//   while ((*store)->Apply(NextBlock()).ok()) …            // until the power is off
//   store->reset();                  // the process is gone
//   power.Restore();                 // what was not synced is lost: see simulated_disk.h
//   store = RocksStore::Open("/ledger", {.env = power.env()});
//   …                                // must hold each block that Apply returned OK for
//
// The disk is in memory: nothing of it is left after the test. All paths are absolute, and the
// folder above a database's must exist ("/" does).
#pragma once

#include <cstdint>
#include <memory>

#include "ledger/testing/simulated_disk.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace bourse::ledger::testing {

// Thread-safe.
class PowerLossEnv {
 public:
  // What a loss takes is random, by the seed.
  explicit PowerLossEnv(std::uint64_t seed);
  ~PowerLossEnv();
  PowerLossEnv(const PowerLossEnv&) = delete;
  PowerLossEnv& operator=(const PowerLossEnv&) = delete;

  // To be used as RocksOptions::env. Once the power is off, every file operation fails.
  [[nodiscard]] rocksdb::Env* env() const;

  // The power goes at the `operations`th write, sync or change of names from now on (1: the next).
  void CutAfter(std::uint64_t operations) { disk_->CutAfter(operations); }
  void Cut() { disk_->Cut(); }
  [[nodiscard]] bool is_off() const { return disk_->is_off(); }
  // Such operations so far: to choose where to cut.
  [[nodiscard]] std::uint64_t operations() const { return disk_->changes(); }

  // Call it when the power is off, and all databases on it are closed.
  void Restore() { disk_->Restore(); }

  // For tests that look at the files themselves.
  [[nodiscard]] SimulatedDisk& disk() { return *disk_; }

 private:
  class Env;

  std::shared_ptr<SimulatedDisk> disk_;
  std::unique_ptr<Env> env_;
};

}  // namespace bourse::ledger::testing
