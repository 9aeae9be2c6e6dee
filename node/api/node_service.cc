#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "ledger/schema.h"
#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/services.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

using Base = v1::NodeService::WithRawCallbackMethod_GetStatus<v1::NodeService::Service>;

class NodeService final : public Base {
 public:
  explicit NodeService(Backend* backend) : backend_(backend) {}

  ServerUnaryReactor* GetStatus(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return ServeAtOnce<v1::GetStatusRequest>(
        context, request, response, [this](const v1::GetStatusRequest&) { return Status(); });
  }

 private:
  absl::StatusOr<v1::NodeStatus> Status() const {
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();
    v1::NodeStatus out;
    if (head->height != Height(0)) {
      const absl::StatusOr<ledger::BlockHeader> header = reader.Header(head->height);
      if (!header.ok()) return header.status();
      out.set_state_root(Raw(header->state_root));
    }
    const NodeIdentity& identity = backend_->identity();
    out.set_version(identity.version);
    out.set_genesis_hash(Raw(identity.genesis_hash));
    out.set_chain_name(identity.genesis.chain_name);
    out.set_height(head->height.value());
    out.set_block_time(head->time.value());
    out.set_block_hash(Raw(head->block_hash));
    const QueueStatus queue = backend_->queue();
    out.set_pending_transactions(queue.transactions);
    out.set_pending_bytes(queue.bytes);
    out.set_uptime_seconds(backend_->UptimeSeconds());
    out.set_clock(backend_->Clock().value());
    out.set_protocol_version(head->protocol_version);
    out.set_node_key(Raw(identity.node_key));
    const absl::Status fees = SetFees(reader, out.mutable_fees());
    if (!fees.ok()) return fees;
    return out;
  }

  absl::Status SetFees(const LedgerReader& reader, v1::FeeSchedule* out) const {
    const ledger::FeeSchedule& fees = backend_->identity().genesis.fees;
    const absl::StatusOr<ledger::Asset> asset = reader.Asset(AssetIndex(fees.asset + 1));
    if (!asset.ok()) return asset.status();
    out->set_asset(Raw(asset->id));
    out->set_per_transaction(fees.per_transaction);
    out->set_per_operation(fees.per_operation);
    out->set_per_cancel(fees.per_cancel);
    out->set_per_byte(fees.per_byte);
    out->set_account_deposit(fees.account_deposit);
    out->set_order_deposit(fees.order_deposit);
    out->set_asset_deposit(fees.asset_deposit);
    out->set_market_deposit(fees.market_deposit);
    return absl::OkStatus();
  }

  Backend* const backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNodeService(Backend* backend) {
  return std::make_unique<NodeService>(backend);
}

}  // namespace bourse::api
