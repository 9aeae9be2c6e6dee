#include <algorithm>

#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "ledger/merkle.h"
#include "ledger/schema.h"
#include "node/api/call.h"
#include "node/api/certificate.h"
#include "node/api/convert.h"
#include "node/api/page_token.h"
#include "node/api/services.h"
#include "node/api/validator_set.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

using Service = v1::LedgerService;
using Base = Service::WithRawCallbackMethod_GetTransaction<Service::WithRawCallbackMethod_GetBlock<
    Service::WithRawCallbackMethod_ListBlocks<Service::Service>>>;

constexpr char kBlocksList = 'b';

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

// The proof that leaf `index` of a block's results is `leaf`.
absl::StatusOr<v1::Proof> ProofOf(const LedgerReader& reader, Height height, std::uint64_t index,
                                  const std::string& leaf) {
  const absl::StatusOr<std::vector<Hash256>> leaves = reader.ResultLeaves(height);
  if (!leaves.ok()) return leaves.status();
  if (index >= leaves->size() || (*leaves)[index] != ledger::MerkleLeaf(AsBytes(leaf))) {
    return Damaged("a block's results");
  }
  v1::Proof proof;
  proof.set_height(height.value());
  proof.set_leaf(leaf);
  proof.set_leaf_index(index);
  proof.set_leaf_count(leaves->size());
  for (const Hash256& hash : ledger::MerklePath(*leaves, index)) proof.add_path(Raw(hash));
  return proof;
}

class LedgerService final : public Base {
 public:
  explicit LedgerService(Backend* backend)
      : backend_(backend), validators_(ValidatorsOf(backend->identity())) {}

  ServerUnaryReactor* GetTransaction(CallbackServerContext* context, const ByteBuffer* request,
                                     ByteBuffer* response) override;

  ServerUnaryReactor* GetBlock(CallbackServerContext* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    return ServeAtOnce<v1::GetBlockRequest>(context, request, response,
                                            [this](const auto& parsed) { return Block(parsed); });
  }
  ServerUnaryReactor* ListBlocks(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return ServeAtOnce<v1::ListBlocksRequest>(
        context, request, response, [this](const auto& parsed) { return Blocks(parsed); });
  }

 private:
  using Found = absl::StatusOr<v1::GetTransactionResponse>;

  Found FindFinal(const TxId& txid, bool with_proof) const;
  Found TransactionFound(const LedgerReader& reader, const FullReceipt& receipt,
                         bool with_proof) const;
  Found SwapFound(const LedgerReader& reader, const PlacedSwap& swap, bool with_proof) const;
  // Proof and certificate of leaf `index` of a block's results.
  absl::Status AddProof(const LedgerReader& reader, Height height, std::uint64_t index,
                        const std::string& leaf, v1::GetTransactionResponse* out) const;
  // Certificate of a block, if it is here.
  template <typename Message>
  absl::Status AddCertificate(const LedgerReader& reader, Height height, Message* out) const;
  absl::StatusOr<v1::Block> Block(const v1::GetBlockRequest& request) const;
  absl::StatusOr<v1::ListBlocksResponse> Blocks(const v1::ListBlocksRequest& request) const;

  Backend* const backend_;
  const consensus::Validators validators_;
};

template <typename Message>
absl::Status LedgerService::AddCertificate(const LedgerReader& reader, Height height,
                                           Message* out) const {
  auto certificate = FindCertificate(reader.view(), validators_, height);
  if (!certificate.ok()) return certificate.status();
  if (certificate->has_value()) *out->mutable_certificate() = **std::move(certificate);
  return absl::OkStatus();
}

absl::Status LedgerService::AddProof(const LedgerReader& reader, Height height, std::uint64_t index,
                                     const std::string& leaf,
                                     v1::GetTransactionResponse* out) const {
  auto proof = ProofOf(reader, height, index, leaf);
  if (!proof.ok()) return proof.status();
  *out->mutable_proof() = *std::move(proof);
  return AddCertificate(reader, height, out);
}

// Looks in the ledger, then in the queue, then in the ledger again, as the transaction may have
// gone from the one to the other meanwhile.
ServerUnaryReactor* LedgerService::GetTransaction(CallbackServerContext* context,
                                                  const ByteBuffer* request, ByteBuffer* response) {
  const auto parsed = Parse<v1::GetTransactionRequest>(*request);
  const auto txid = parsed.ok() ? ToHash("txid", parsed->txid()) : parsed.status();
  const Found found = txid.ok() ? FindFinal(*txid, parsed->with_proof()) : Found(txid.status());
  if (!absl::IsNotFound(found.status())) {
    ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpc(found.ok() ? Write(*found, response) : found.status()));
    return reactor;
  }
  auto [reactor, answer] = LaterAnswer::Make(response);
  backend_->FindPending(
      *txid, [this, answer = answer, txid = *txid,
              with_proof = parsed->with_proof()](const std::optional<std::string>& encoded) {
        if (!encoded) return answer->Finish(FindFinal(txid, with_proof));
        v1::GetTransactionResponse out;
        v1::TransactionInfo& info = *out.mutable_transaction();
        info.set_status(v1::TRANSACTION_STATUS_PENDING);
        info.set_bytes(*encoded);
        *info.mutable_transaction() = TransactionOf(*encoded);
        answer->Finish(Found(std::move(out)));
      });
  return reactor;
}

LedgerService::Found LedgerService::FindFinal(const TxId& txid, bool with_proof) const {
  const std::shared_ptr<const ledger::View> view = backend_->Latest();
  const LedgerReader reader(*view);
  const auto receipt = ReadFullReceipt(*view, txid);
  if (!receipt.ok()) return receipt.status();
  if (receipt->has_value()) return TransactionFound(reader, **receipt, with_proof);
  const auto swap = reader.Swap(txid);
  if (!swap.ok()) return swap.status();
  if (swap->has_value()) return SwapFound(reader, **swap, with_proof);
  return absl::NotFoundError(absl::StrCat("no transaction or swap ", ToHex(txid),
                                          " in the ledger, nor in this node's queue"));
}

LedgerService::Found LedgerService::TransactionFound(const LedgerReader& reader,
                                                     const FullReceipt& full,
                                                     bool with_proof) const {
  const ledger::Receipt& receipt = full.receipt;
  absl::StatusOr<std::string> bytes = reader.TransactionBytes(receipt.height, receipt.index);
  if (!bytes.ok()) return bytes.status();
  v1::GetTransactionResponse out;
  v1::TransactionInfo& info = *out.mutable_transaction();
  info.set_status(v1::TRANSACTION_STATUS_FINAL);
  *info.mutable_transaction() = TransactionOf(*bytes);
  info.set_bytes(*std::move(bytes));
  *info.mutable_receipt() = ToMessage(full, backend_->identity().genesis_hash);
  info.set_time(full.block_time.value());
  if (with_proof) {
    const absl::Status proven =
        AddProof(reader, receipt.height, receipt.index, ledger::Encode(receipt), &out);
    if (!proven.ok()) return proven;
  }
  return out;
}

LedgerService::Found LedgerService::SwapFound(const LedgerReader& reader, const PlacedSwap& swap,
                                              bool with_proof) const {
  v1::GetTransactionResponse out;
  *out.mutable_swap() = ToMessage(swap.swap, backend_->identity().genesis_hash, swap.height,
                                  swap.event_index, swap.time);
  if (with_proof) {
    const absl::StatusOr<ledger::BlockHeader> header = reader.Header(swap.height);
    if (!header.ok()) return header.status();
    // The receipts come first.
    const std::uint64_t index = std::uint64_t{header->transactions} + swap.event_index;
    const absl::Status proven = AddProof(reader, swap.height, index, swap.leaf, &out);
    if (!proven.ok()) return proven;
  }
  return out;
}

absl::StatusOr<v1::Block> LedgerService::Block(const v1::GetBlockRequest& request) const {
  const std::shared_ptr<const ledger::View> view = backend_->Latest();
  const LedgerReader reader(*view);
  Height height(request.height());
  if (height == Height(0)) {
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();
    height = head->height;
    if (height == Height(0)) return absl::NotFoundError("there is no block yet");
  }
  const absl::StatusOr<ledger::BlockHeader> header = reader.Header(height);
  if (!header.ok()) return header.status();
  v1::Block out = ToMessage(*header);
  if (request.with_transactions()) {
    const absl::StatusOr<std::vector<TxId>> txids = reader.TxIds(height);
    if (!txids.ok()) return txids.status();
    for (const TxId& txid : *txids) out.add_txids(Raw(txid));
  }
  if (absl::Status added = AddCertificate(reader, height, &out); !added.ok()) return added;
  return out;
}

absl::StatusOr<v1::ListBlocksResponse> LedgerService::Blocks(
    const v1::ListBlocksRequest& request) const {
  const absl::StatusOr<std::size_t> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  const std::shared_ptr<const ledger::View> view = backend_->Latest();
  const LedgerReader reader(*view);
  const absl::StatusOr<ledger::Head> head = reader.Head();
  if (!head.ok()) return head.status();
  std::uint64_t height = head->height.value();
  if (!request.page_token().empty()) {
    const auto at = ReadPageToken<1>(kBlocksList, request.page_token());
    if (!at.ok()) return at.status();
    height = std::min(height, (*at)[0]);
  }
  v1::ListBlocksResponse out;
  for (; height > 0 && out.blocks_size() < static_cast<int>(*size); --height) {
    const absl::StatusOr<ledger::BlockHeader> header = reader.Header(Height(height));
    if (!header.ok()) return header.status();
    *out.add_blocks() = ToMessage(*header);
  }
  if (height > 0) out.set_next_page_token(MakePageToken<1>(kBlocksList, {height}));
  return out;
}

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerService(Backend* backend) {
  return std::make_unique<LedgerService>(backend);
}

}  // namespace bourse::api
