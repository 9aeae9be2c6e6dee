#include "ledger/testing/simulated_disk.h"

#include <algorithm>
#include <utility>

namespace bourse::ledger::testing {
namespace {

std::string FolderOf(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::uint64_t seed) : random_(seed) {
  auto root = std::make_shared<Node>();
  root->is_folder = true;
  live_["/"] = durable_["/"] = root;
}

void SimulatedDisk::TearPages() {
  const std::lock_guard lock(mutex_);
  tears_pages_ = true;
}

void SimulatedDisk::CutAfter(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  cut_at_ = changes_ + count;
}

void SimulatedDisk::Cut() {
  const std::lock_guard lock(mutex_);
  off_ = true;
}

bool SimulatedDisk::is_off() const {
  const std::lock_guard lock(mutex_);
  return off_;
}

std::uint64_t SimulatedDisk::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

std::uint64_t SimulatedDisk::Random(std::uint64_t bound) { return random_() % bound; }

void SimulatedDisk::Restore() {
  const std::lock_guard lock(mutex_);
  // One loss in three takes all that it may.
  const bool takes_all = Random(3) == 0;
  const std::size_t kept = takes_all ? 0 : Random(pending_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) Apply(pending_[i], &durable_);
  pending_.clear();

  live_.clear();
  for (auto& [path, node] : durable_) {
    if (path != "/" && !live_.contains(FolderOf(path))) continue;  // sorted: folders come first
    if (takes_all) {
      node->data.resize(node->synced);
    } else {
      Tear(*node);
    }
    node->synced = node->data.size();
    live_[path] = node;
  }
  durable_ = live_;
  locks_.clear();
  off_ = false;
  cut_at_ = 0;
  ++cycle_;
}

void SimulatedDisk::Tear(Node& node) {
  const std::size_t size = node.data.size();
  if (size == node.synced) return;
  if (Random(4) == 0) return;  // it all arrived in time
  if (tears_pages_ && Random(2) == 0) return LosePages(node);
  const std::size_t kept = node.synced + Random(size - node.synced + 1);
  node.data.resize(kept);
  switch (Random(4)) {
    case 0:
      node.data.resize(kept + Random(size - kept + 1));  // zeros
      break;
    case 1:
      for (std::size_t garbage = Random(size - kept + 1); garbage > 0; --garbage) {
        node.data.push_back(static_cast<char>(Random(256)));
      }
      break;
    default:
      break;
  }
}

void SimulatedDisk::LosePages(Node& node) {
  constexpr std::size_t kPageBytes = 4096;
  if (Random(2) == 0) {  // the end with them
    node.data.resize(node.synced + Random(node.data.size() - node.synced + 1));
  }
  for (std::size_t at = node.synced; at < node.data.size();) {
    const std::size_t end = std::min(node.data.size(), (at / kPageBytes + 1) * kPageBytes);
    const std::uint64_t fate = Random(4);  // two in four pages arrive
    for (; at < end; ++at) {
      if (fate == 0) node.data[at] = '\0';
      if (fate == 1) node.data[at] = static_cast<char>(Random(256));
    }
  }
}

bool SimulatedDisk::Step() {
  ++changes_;
  if (changes_ == cut_at_) off_ = true;
  return !off_;
}

bool SimulatedDisk::IsDead(const Handle& handle) const { return off_ || handle.cycle != cycle_; }

void SimulatedDisk::Apply(const Pending& change, Names* names) {
  if (!change.removed.empty()) names->erase(change.removed);
  if (!change.added.empty()) (*names)[change.added] = change.node;
}

void SimulatedDisk::Change(Pending change) {
  Apply(change, &live_);
  pending_.push_back(std::move(change));
}

SimulatedDisk::Result SimulatedDisk::MakeFolder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  if (live_.contains(path)) return Result::kExists;
  if (!live_.contains(FolderOf(path))) return Result::kMissing;
  auto node = std::make_shared<Node>();
  node->is_folder = true;
  Change({FolderOf(path), "", path, node});
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Create(const std::string& path, Handle* handle) {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  if (!live_.contains(FolderOf(path))) return Result::kMissing;
  handle->node = std::make_shared<Node>();
  handle->cycle = cycle_;
  Change({FolderOf(path), "", path, handle->node});
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Open(const std::string& path, Handle* handle) const {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  const auto found = live_.find(path);
  if (found == live_.end()) return Result::kMissing;
  *handle = {found->second, cycle_};
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::Append(const Handle& handle, std::string_view data) {
  const std::lock_guard lock(mutex_);
  if (IsDead(handle)) return Result::kOff;
  handle.node->data.append(data);
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Truncate(const Handle& handle, std::size_t size) {
  const std::lock_guard lock(mutex_);
  if (IsDead(handle)) return Result::kOff;
  handle.node->data.resize(size);
  handle.node->synced = std::min(handle.node->synced, size);
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Sync(const Handle& handle) {
  const std::lock_guard lock(mutex_);
  if (IsDead(handle) || !Step()) return Result::kOff;
  handle.node->synced = handle.node->data.size();
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::SyncFolder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (off_ || !Step()) return Result::kOff;
  if (!live_.contains(path)) return Result::kMissing;
  std::vector<Pending> left;
  for (Pending& change : pending_) {
    if (change.folder == path) {
      Apply(change, &durable_);
    } else {
      left.push_back(std::move(change));
    }
  }
  pending_ = std::move(left);
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  const auto found = live_.find(from);
  if (found == live_.end() || !live_.contains(FolderOf(to))) return Result::kMissing;
  Change({FolderOf(to), from, to, found->second});
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  if (!live_.contains(path)) return Result::kMissing;
  Change({FolderOf(path), path, "", nullptr});
  return Step() ? Result::kOk : Result::kOff;
}

SimulatedDisk::Result SimulatedDisk::Read(const Handle& handle, std::size_t offset,
                                          std::size_t size, std::string* out) const {
  const std::lock_guard lock(mutex_);
  if (IsDead(handle)) return Result::kOff;
  const std::string& data = handle.node->data;
  *out = offset < data.size() ? data.substr(offset, size) : "";
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::Size(const Handle& handle, std::size_t* size) const {
  const std::lock_guard lock(mutex_);
  if (IsDead(handle)) return Result::kOff;
  *size = handle.node->data.size();
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::List(const std::string& path,
                                          std::vector<std::string>* names) const {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  if (!live_.contains(path)) return Result::kMissing;
  names->clear();
  for (const auto& [name, node] : live_) {
    if (name != "/" && FolderOf(name) == path) {
      names->push_back(name.substr(name.find_last_of('/') + 1));
    }
  }
  return Result::kOk;
}

SimulatedDisk::Result SimulatedDisk::Lock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (off_) return Result::kOff;
  return locks_.insert(path).second ? Result::kOk : Result::kExists;
}

void SimulatedDisk::Unlock(const std::string& path) {
  const std::lock_guard lock(mutex_);
  locks_.erase(path);
}

}  // namespace bourse::ledger::testing
