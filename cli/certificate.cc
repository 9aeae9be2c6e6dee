#include "cli/certificate.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/exit_code.h"
#include "cli/table.h"
#include "common/codec.h"

namespace bourse::cli {
namespace {

// Why an answer must not be believed.
absl::Status Distrust(const std::string& why) {
  return RejectedError(absl::StrCat("the node's answer does not verify: ", why,
                                    ". Don't trust it; ask another node with --node"));
}

std::string SignedBytes(const Hash256& genesis_hash, const v1::ExecutionCertificate& certificate) {
  Writer writer;
  writer.Raw("bourse/executed/1");
  writer.Raw(Bytes(genesis_hash.bytes));
  writer.U64(certificate.epoch());
  writer.U64(certificate.height());
  writer.Raw(certificate.block_hash());
  writer.U64(certificate.time());
  writer.Raw(certificate.results_root());
  writer.Raw(certificate.state_root());
  return std::move(writer).Take();
}

bool HasHashes(const v1::ExecutionCertificate& certificate) {
  constexpr std::size_t kSize = sizeof(Hash256::bytes);
  return certificate.block_hash().size() == kSize && certificate.results_root().size() == kSize &&
         certificate.state_root().size() == kSize;
}

bool IsSigned(const PublicKey& key, const std::string& bytes, const std::string& given) {
  Signature signature;
  if (given.size() != signature.bytes.size()) return false;
  std::memcpy(signature.bytes.data(), given.data(), given.size());
  return Verify(key, AsBytes(bytes), signature);
}

Hash256 ParentOf(const Hash256& left, const Hash256& right) {
  return Hasher(std::string_view("\x01", 1)).Update(left).Update(right).Finish();
}

// RFC 6962, section 2.1.1: the root that a path leads to, or nothing (false) if it fits no tree of
// that size.
bool RootOf(const v1::Proof& proof, Hash256* root) {
  if (proof.leaf_index() >= proof.leaf_count()) return false;
  std::uint64_t at = proof.leaf_index();
  std::uint64_t last = proof.leaf_count() - 1;  // numbers in the level
  Hash256 hash = Hasher(std::string_view("\x00", 1)).Update(proof.leaf()).Finish();
  for (const std::string& given : proof.path()) {
    Hash256 sibling;
    if (last == 0 || given.size() != sibling.bytes.size()) return false;
    std::memcpy(sibling.bytes.data(), given.data(), given.size());
    const bool moved_up = at == last && at % 2 == 0;  // the last of a level, without a sibling
    hash = at % 2 == 1 || moved_up ? ParentOf(sibling, hash) : ParentOf(hash, sibling);
    while (moved_up && at % 2 == 0 && at != 0) {
      at /= 2;
      last /= 2;
    }
    at /= 2;
    last /= 2;
  }
  *root = hash;
  return last == 0;
}

absl::Status CheckProof(const v1::ExecutionCertificate& certificate, const v1::Proof& proof) {
  Hash256 root;
  if (proof.height() == certificate.height() && RootOf(proof, &root) &&
      AsText(Bytes(root.bytes)) == certificate.results_root()) {
    return absl::OkStatus();
  }
  return Distrust("the proof does not lead to the certified results");
}

void WriteResult(const v1::OperationResult& result, Writer* writer) {
  writer->U8(static_cast<std::uint8_t>(result.reject_reason()));
  writer->U8(static_cast<std::uint8_t>(result.order_status()));
  writer->U64(result.order_id());
  writer->U64(result.filled());
  writer->U64(result.remaining());
  writer->U32(result.market());
  writer->U32(result.cancelled());
  writer->U8(result.asset().empty() ? 0 : 1);
  writer->Raw(result.asset());
}

// The leaf of a receipt; where its events are is not in the message, and taken from `leaf`.
std::string ReceiptLeaf(const v1::Receipt& receipt, const std::string& leaf) {
  constexpr std::size_t kEventsAt = 32 + 8 + 4 + 1 + 8;
  constexpr std::size_t kEventsSize = 4 + 4;
  Writer writer;
  writer.Raw(receipt.txid());
  writer.U64(receipt.height());
  writer.U32(receipt.index());
  writer.U8(static_cast<std::uint8_t>(receipt.skip_reason()));
  writer.U64(receipt.charged());
  if (leaf.size() > kEventsAt) writer.Raw(leaf.substr(kEventsAt, kEventsSize));
  writer.U16(static_cast<std::uint16_t>(receipt.results_size()));
  for (const v1::OperationResult& result : receipt.results()) WriteResult(result, &writer);
  return std::move(writer).Take();
}

// The leaf of a swap; what the maker has left is not in the message, and taken from `leaf`.
std::string SwapLeaf(const v1::SettledSwap& swap, const std::string& leaf) {
  constexpr std::uint8_t kSwap = 1;
  constexpr std::size_t kRemainingAt = 1 + 4 + 1 + 4 * 8 + 2 * 32 + 2 * 8;
  Writer writer;
  writer.U8(kSwap);
  writer.U32(swap.market());
  writer.U8(swap.taker_side() == v1::SIDE_BUY ? 0 : 1);
  writer.U64(swap.price());
  writer.U64(swap.quantity());
  writer.U64(swap.base_amount());
  writer.U64(swap.quote_amount());
  writer.Raw(swap.maker());
  writer.Raw(swap.taker());
  writer.U64(swap.maker_order_id());
  writer.U64(swap.taker_order_id());
  if (leaf.size() > kRemainingAt) writer.Raw(leaf.substr(kRemainingAt, 8));
  writer.U64(swap.maker_fee());
  writer.U64(swap.taker_fee());
  // Zeros: by an order that was carried over.
  writer.Raw(swap.taker_txid().empty() ? std::string(32, '\0') : swap.taker_txid());
  return std::move(writer).Take();
}

Hash256 SwapTxid(const Hash256& genesis_hash, const v1::SettledSwap& swap) {
  return Hasher("bourse/swap/1")
      .Update(genesis_hash)
      .UpdateU64(swap.height())
      .UpdateU32(swap.event_index())
      .Finish();
}

}  // namespace

absl::StatusOr<std::vector<NamedKey>> ReadGenesisValidators(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<NamedKey> out;
  if (json.is_object() && json.contains("validators") && json["validators"].is_array()) {
    for (const Json& each : json["validators"]) {
      Hash256 key;
      const bool good = each.is_object() && each.contains("name") && each["name"].is_string() &&
                        each.contains("key") && each["key"].is_string() &&
                        FromHex(each["key"].get<std::string>(), &key);
      if (!good) return UsageError("a validator in it has no name, or no key of 64 digits");
      out.push_back({each["name"].get<std::string>(), PublicKey{key.bytes}});
    }
  }
  if (out.empty()) return UsageError("it is no genesis with validators");
  return out;
}

absl::StatusOr<std::vector<std::string>> CheckCertificate(
    const KnownValidators& validators, const v1::ExecutionCertificate& certificate) {
  if (!HasHashes(certificate)) return Distrust("the certificate is malformed");
  // Later epochs may have other validators, which nobody has told us.
  if (certificate.epoch() != 0) return Distrust("the certificate is of an unknown epoch");
  const std::string bytes = SignedBytes(validators.genesis_hash, certificate);
  std::vector<std::string> signers;
  std::int64_t last = -1;
  for (const v1::ValidatorSignature& signature : certificate.signatures()) {
    const std::uint32_t index = signature.validator();
    if (index >= validators.all.size() || index <= last) {
      return Distrust("the certificate is signed by somebody who is no validator, or twice");
    }
    last = index;
    const NamedKey& validator = validators.all[index];
    if (!IsSigned(validator.key, bytes, signature.signature())) {
      return Distrust(absl::StrCat("the certificate of block ", certificate.height(), " has no ",
                                   "good signature by ", Printable(validator.name)));
    }
    signers.push_back(validator.name);
  }
  const std::size_t quorum = 2 * validators.all.size() / 3 + 1;
  if (signers.size() < quorum) {
    return Distrust(absl::StrCat("the certificate is signed by ", signers.size(), " of ",
                                 validators.all.size(), " validators, and ", quorum, " must"));
  }
  return signers;
}

absl::Status CheckBlock(const v1::ExecutionCertificate& certificate, const v1::Block& block) {
  if (certificate.height() == block.height() && certificate.time() == block.time() &&
      certificate.block_hash() == block.hash() &&
      certificate.results_root() == block.results_root() &&
      certificate.state_root() == block.state_root()) {
    return absl::OkStatus();
  }
  return Distrust("the certificate is of another block");
}

absl::Status CheckReceipt(const v1::ExecutionCertificate& certificate, const v1::Proof& proof,
                          const v1::Receipt& receipt) {
  if (absl::Status status = CheckProof(certificate, proof); !status.ok()) return status;
  if (receipt.height() == certificate.height() &&
      proof.leaf() == ReceiptLeaf(receipt, proof.leaf())) {
    return absl::OkStatus();
  }
  return Distrust("the proof is of another receipt");
}

absl::Status CheckSwap(const Hash256& genesis_hash, const v1::ExecutionCertificate& certificate,
                       const v1::Proof& proof, const v1::SettledSwap& swap) {
  if (absl::Status status = CheckProof(certificate, proof); !status.ok()) return status;
  const Hash256 txid = SwapTxid(genesis_hash, swap);
  if (swap.height() == certificate.height() && swap.time() == certificate.time() &&
      swap.event_index() <= proof.leaf_index() && swap.txid() == AsText(Bytes(txid.bytes)) &&
      proof.leaf() == SwapLeaf(swap, proof.leaf())) {
    return absl::OkStatus();
  }
  return Distrust("the proof is of another swap");
}

std::string CertifiedLine(const KnownValidators& validators,
                          const std::vector<std::string>& signers) {
  return absl::StrCat("certified by ", signers.size(), " of ", validators.all.size(),
                      validators.all.size() == 1 ? " validator: " : " validators: ",
                      Printable(absl::StrJoin(signers, ", ")));
}

Json CertificateDocument(const KnownValidators& validators,
                         const v1::ExecutionCertificate& certificate) {
  const auto hex = [](const std::string& bytes) { return ToHex(AsBytes(bytes)); };
  Json signatures = Json::array();
  for (const v1::ValidatorSignature& signature : certificate.signatures()) {
    signatures.push_back({{"validator", signature.validator()},
                          {"name", validators.all[signature.validator()].name},
                          {"signature", hex(signature.signature())}});
  }
  return {{"epoch", Number(certificate.epoch())},
          {"height", Number(certificate.height())},
          {"block_hash", hex(certificate.block_hash())},
          {"time_micros", Number(certificate.time())},
          {"results_root", hex(certificate.results_root())},
          {"state_root", hex(certificate.state_root())},
          {"validators", validators.all.size()},
          {"validators_from", validators.source.empty() ? "the node" : validators.source},
          {"signatures", signatures}};
}

}  // namespace bourse::cli
