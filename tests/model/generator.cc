#include "tests/model/generator.h"

#include <algorithm>
#include <iterator>

#include "common/limits.h"

namespace bourse::model {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::size_t kHistory = 200;

std::string Encode(const Transaction& transaction) {
  return EncodeSignedTransaction(EncodeTransaction(transaction), Signature{});
}

Hash256 BlockHash(const State& state, std::uint64_t height) {
  return Hasher("model block").Update(state.genesis_hash).UpdateU64(height).Finish();
}

}  // namespace

Generator::Generator(std::uint64_t seed, const World& world)
    : world_(&world), random_(seed ^ 0x5eed), operations_(world, &random_) {}

exchange::Block Generator::NextBlock(const State& state) {
  nonces_.clear();
  exchange::Block block;
  block.height = Height(state.height + 1);
  const std::uint64_t step =
      random_.Chance(10) ? random_.Between(1, 90) * kSecond : random_.Between(1, 10 * kSecond);
  block.time = TimeMicros(state.time + step);
  block.hash = BlockHash(state, state.height + 1);
  block.parent_hash = BlockHash(state, state.height);

  const std::uint64_t count = random_.Chance(5) ? 0 : random_.Between(1, 60);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t kind = random_.Below(100);
    if (kind < 2) {
      block.transactions.push_back(MakeGarbage(state, block.time));
    } else if (kind < 4 && !history_.empty()) {
      block.transactions.push_back(random_.Pick(history_));
    } else if (kind < 5 && !block.transactions.empty()) {
      block.transactions.push_back(random_.Pick(block.transactions));
    } else {
      block.transactions.push_back(MakeTransaction(state, block.time));
    }
  }
  history_.insert(history_.end(), block.transactions.begin(), block.transactions.end());
  if (history_.size() > kHistory) {
    history_.erase(history_.begin(), history_.end() - static_cast<std::ptrdiff_t>(kHistory));
  }
  return block;
}

std::string Generator::MakeTransaction(const State& state, TimeMicros time) {
  Transaction transaction;
  transaction.genesis_hash = world_->genesis_hash;
  transaction.account = ChooseAccount(state);
  transaction.signer = transaction.account;
  transaction.nonce = Nonce(ChooseNonce(state, transaction.account));
  transaction.valid_until = ChooseValidUntil(time);
  transaction.atomic = random_.Chance(12);
  transaction.operations = MakeOperations(state, transaction, time);
  if (random_.Chance(8)) Spoil(state, transaction, time);
  return Encode(transaction);
}

AccountId Generator::ChooseAccount(const State& state) {
  if (random_.Chance(2)) return random_.Pick(world_->strangers);
  return std::next(state.accounts.begin(),
                   static_cast<std::ptrdiff_t>(random_.Below(state.accounts.size())))
      ->first;
}

std::uint64_t Generator::ChooseNonce(const State& state, const AccountId& account) {
  const auto it = state.accounts.find(account);
  std::uint64_t nonce = it == state.accounts.end() ? 0 : it->second.nonce_floor;
  if (random_.Chance(20)) nonce += random_.Below(10);
  if (random_.Chance(1)) nonce += random_.Below(limits::kNonceWindow);
  while ((it != state.accounts.end() && it->second.nonces.contains(nonce)) ||
         !nonces_.insert({account, nonce}).second) {
    ++nonce;
  }
  return nonce;
}

TimeMicros Generator::ChooseValidUntil(TimeMicros time) {
  if (random_.Chance(5)) return TimeMicros(time.value() + 1);
  if (random_.Chance(5)) return TimeMicros(time.value() + limits::kMaxLifetimeMicros);
  return TimeMicros(time.value() + random_.Between(1, 600) * kSecond);
}

std::vector<Operation> Generator::MakeOperations(const State& state, Transaction& transaction,
                                                 TimeMicros time) {
  std::uint64_t count = random_.Between(1, 3);
  if (random_.Chance(4)) count = random_.Between(10, 25);
  std::vector<Operation> operations;
  for (std::uint64_t i = 0; i < count; ++i) {
    operations.push_back(transaction.atomic
                             ? operations_.MakeAtomic(state, transaction.account, time)
                             : operations_.Make(state, transaction.account, time));
  }
  return operations;
}

void Generator::Spoil(const State& state, Transaction& transaction, TimeMicros time) {
  const auto account = state.accounts.find(transaction.account);
  const std::uint64_t floor = account == state.accounts.end() ? 0 : account->second.nonce_floor;
  switch (random_.Below(7)) {
    case 0:
      transaction.signer = random_.Pick(world_->members);
      break;
    case 1:  // used already
      if (account != state.accounts.end() && !account->second.nonces.empty()) {
        transaction.nonce = Nonce(*account->second.nonces.rbegin());
      }
      break;
    case 2:
      transaction.nonce = Nonce(floor - std::min(floor, random_.Between(1, 3)));
      break;
    case 3:  // the last of the window, the first beyond it, and far away
      transaction.nonce =
          Nonce(random_.Chance(70) ? floor + limits::kNonceWindow - 1 + random_.Below(3)
                                   : random_.Next());
      break;
    case 4:  // not later than the block
      transaction.valid_until = TimeMicros(time.value() - random_.Below(3));
      break;
    case 5:  // too far ahead
      transaction.valid_until = TimeMicros(
          random_.Chance(70) ? time.value() + limits::kMaxLifetimeMicros + random_.Between(1, 2)
                             : ~std::uint64_t{0});
      break;
    default:
      transaction.genesis_hash.bytes[7] ^= 1;
  }
}

std::string Generator::MakeGarbage(const State& state, TimeMicros time) {
  std::string bytes = MakeTransaction(state, time);
  switch (random_.Below(4)) {
    case 0:
      return {};
    case 1:
      bytes.resize(random_.Below(bytes.size()));
      return bytes;
    case 2:
      bytes[random_.Below(bytes.size())] ^= static_cast<char>(1 << random_.Below(7));
      return bytes;
    default:
      bytes.push_back('\x18');
      return bytes;
  }
}

}  // namespace bourse::model
