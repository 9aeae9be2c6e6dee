#include "node/runtime/verification.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "node/exchange/validity.h"

namespace bourse::runtime {
namespace {

// Transactions of a body that one task checks: a few hundred microseconds if they are known, tens
// of milliseconds if not.
constexpr std::size_t kPartSize = 256;

// A body under way.
class BodyCheck : public std::enable_shared_from_this<BodyCheck> {
 public:
  BodyCheck(const Hash256& genesis_hash, SignatureCache* seen, replica::CheckBody body,
            std::function<void(replica::BodyChecked)> done)
      : genesis_hash_(genesis_hash),
        seen_(seen),
        body_(std::move(body)),
        done_(std::move(done)),
        parts_((body_.transactions->size() + kPartSize - 1) / kPartSize),
        parts_left_(parts_.size()) {
    const consensus::Header& header = body_.header.header;
    block_ = {.protocol_version = header.protocol_version,
              .height = header.height,
              .time = header.time,
              .parent_height = body_.parent_height,
              .parent_time = body_.parent_time,
              .transactions = body_.transactions.get()};
  }

  // On a worker.
  void Begin(WorkerPool* workers) {
    if (!exchange::CheckFrame(block_).ok()) good_ = false;
    if (!good_ || parts_.size() <= 1) {  // no other worker needs to be woken
      for (std::size_t i = 0; i < parts_.size() && good_; ++i) CheckPart(i);
      return Finish();
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto task = [self = shared_from_this(), i] {
        self->CheckPart(i);
        if (self->parts_left_.fetch_sub(1) == 1) self->Finish();
      };
      if (!workers->PostUrgent(task)) return;
    }
  }

 private:
  void CheckPart(std::size_t part) {
    if (!good_) return;
    const std::size_t first = part * kPartSize;
    const exchange::Places places{first, std::min(kPartSize, body_.transactions->size() - first)};
    std::vector<bool> verified = body_.verified;
    const std::vector<Hash256> unseen = MarkSeen(places, &verified);
    absl::StatusOr<std::vector<TxId>> txids =
        exchange::CheckTransactions(block_, genesis_hash_, verified, places);
    if (!txids.ok()) {
      good_ = false;
      return;
    }
    parts_[part] = *std::move(txids);
    for (const Hash256& exact_bytes : unseen) seen_->Add(exact_bytes);
  }

  void Finish() {
    if (good_) {
      std::vector<TxId> txids;
      txids.reserve(body_.transactions->size());
      for (const std::vector<TxId>& part : parts_) {
        txids.insert(txids.end(), part.begin(), part.end());
      }
      good_ = exchange::CheckDifferent(txids).ok();
    }
    done_({consensus::IdOf(body_.header.header), good_});
  }

  // Marks in `verified` what was seen before, and returns the hashes of the others.
  std::vector<Hash256> MarkSeen(const exchange::Places& places, std::vector<bool>* verified) {
    verified->resize(body_.transactions->size());
    std::vector<Hash256> unseen;
    for (std::size_t i = places.first; i < places.first + places.count; ++i) {
      if ((*verified)[i]) continue;
      const Hash256 exact_bytes = HashOf(AsBytes((*body_.transactions)[i]));
      (*verified)[i] = seen_->Has(exact_bytes);
      if (!(*verified)[i]) unseen.push_back(exact_bytes);
    }
    return unseen;
  }

  const Hash256 genesis_hash_;
  SignatureCache* const seen_;
  const replica::CheckBody body_;
  const std::function<void(replica::BodyChecked)> done_;
  exchange::ProposedBlock block_;
  std::vector<std::vector<TxId>> parts_;
  std::atomic<std::size_t> parts_left_;
  std::atomic<bool> good_{true};
};

}  // namespace

absl::StatusOr<SignedTransaction> DecodeAndVerify(const std::string& encoded,
                                                  const Hash256& genesis_hash,
                                                  SignatureCache* seen) {
  absl::StatusOr<SignedTransaction> decoded = DecodeSignedTransaction(AsBytes(encoded));
  if (!decoded.ok()) return decoded;
  const Hash256& theirs = decoded->transaction.genesis_hash;
  if (theirs != genesis_hash) {
    return absl::InvalidArgumentError(
        absl::StrCat("the transaction is for another network: its genesis_hash is ", ToHex(theirs),
                     ", this network's ", ToHex(genesis_hash)));
  }
  const Hash256 exact_bytes = HashOf(AsBytes(encoded));
  if (seen->Has(exact_bytes)) return decoded;
  if (!VerifySignature(*decoded, AsBytes(encoded))) {
    return absl::InvalidArgumentError("signature: it is not the signer's over this transaction");
  }
  seen->Add(exact_bytes);
  return decoded;
}

bool VerifyClaims(const std::vector<replica::Claim>& claims, SignatureCache* seen) {
  return std::all_of(claims.begin(), claims.end(), [seen](const replica::Claim& claim) {
    const Hash256 whole = Hasher("bourse/claim/1")
                              .Update(claim.key.bytes)
                              .Update(claim.signature.bytes)
                              .Update(claim.bytes)
                              .Finish();
    if (seen->Has(whole)) return true;
    if (!Verify(claim.key, AsBytes(claim.bytes), claim.signature)) return false;
    seen->Add(whole);
    return true;
  });
}

void CheckBodyOn(WorkerPool* workers, const Hash256& genesis_hash, SignatureCache* seen,
                 replica::CheckBody body, std::function<void(replica::BodyChecked)> done) {
  auto check = std::make_shared<BodyCheck>(genesis_hash, seen, std::move(body), std::move(done));
  (void)workers->PostUrgent([workers, check] { check->Begin(workers); });
}

}  // namespace bourse::runtime
