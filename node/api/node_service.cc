#include <algorithm>

#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "ledger/schema.h"
#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/services.h"
#include "node/api/validator_set.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

template <typename Id>
std::string Raw(const Id& id) {
  return std::string(AsText(Bytes(id.bytes)));
}

using Service = v1::NodeService;
using Base = Service::WithRawCallbackMethod_GetStatus<
    Service::WithRawCallbackMethod_ListValidators<Service::WithRawCallbackMethod_ListPeers<
        Service::WithRawCallbackMethod_ListEvidence<Service::Service>>>>;

v1::SignedStatement ToMessage(const SignedStatement& statement) {
  v1::SignedStatement out;
  out.set_bytes(statement.bytes);
  out.set_signature(Raw(statement.signature));
  return out;
}

class NodeService final : public Base {
 public:
  explicit NodeService(Backend* backend)
      : backend_(backend), validators_(ValidatorsOf(backend->identity())) {}

  ServerUnaryReactor* GetStatus(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return ServeAtOnce<v1::GetStatusRequest>(
        context, request, response, [this](const v1::GetStatusRequest&) { return Status(); });
  }
  ServerUnaryReactor* ListValidators(CallbackServerContext* context, const ByteBuffer* request,
                                     ByteBuffer* response) override {
    return ServeAtOnce<v1::ListValidatorsRequest>(context, request, response,
                                                  [this](const auto&) { return Validators(); });
  }
  ServerUnaryReactor* ListPeers(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return ServeAtOnce<v1::ListPeersRequest>(context, request, response,
                                             [this](const auto&) { return Peers(); });
  }
  ServerUnaryReactor* ListEvidence(CallbackServerContext* context, const ByteBuffer* request,
                                   ByteBuffer* response) override {
    return ServeAtOnce<v1::ListEvidenceRequest>(context, request, response,
                                                [this](const auto&) { return EvidenceList(); });
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
    out.set_engine(identity.engine);
    SetNetwork(head->height, &out);
    const absl::Status fees = SetFees(reader, out.mutable_fees());
    if (!fees.ok()) return fees;
    return out;
  }

  void SetNetwork(Height executed, v1::NodeStatus* out) const {
    const NetworkStatus network = backend_->network();
    out->set_validator_count(static_cast<std::uint32_t>(validators_.size()));
    out->set_quorum(static_cast<std::uint32_t>(validators_.quorum()));
    SetRole(backend_->identity().node_key, out);
    const bool validator = out->role() == v1::NODE_ROLE_VALIDATOR;
    out->set_voting(validator && network.voting);
    if (validator && !network.voting) out->set_not_voting_because(network.not_voting_because);
    out->set_decided_height(std::max(network.decided, executed).value());
    out->set_certified_height(network.certified.value());
    out->set_network_height(std::max(network.network, executed).value());
    out->set_catching_up(network.catching_up);
    const std::vector<PeerState> peers = backend_->peers();
    out->set_connected_peers(static_cast<std::uint32_t>(std::count_if(
        peers.begin(), peers.end(), [](const PeerState& peer) { return peer.connected; })));
  }

  // A node's role, and, of a validator, which it is.
  template <typename Message>
  void SetRole(const PublicKey& key, Message* out) const {
    const std::optional<consensus::ValidatorIndex> index = validators_.Find(key);
    out->set_role(index ? v1::NODE_ROLE_VALIDATOR : v1::NODE_ROLE_FULL_NODE);
    if (!index) return;
    out->set_validator(index->value());
    out->set_validator_name(NameOf(backend_->identity(), *index));
  }

  absl::StatusOr<v1::ListValidatorsResponse> Validators() const {
    v1::ListValidatorsResponse out;
    for (const ledger::Validator& validator : backend_->identity().genesis.validators) {
      v1::Validator& one = *out.add_validators();
      one.set_name(validator.name);
      one.set_key(Raw(validator.key));
    }
    out.set_quorum(static_cast<std::uint32_t>(validators_.quorum()));
    out.set_genesis_hash(Raw(validators_.genesis_hash()));
    return out;
  }

  absl::StatusOr<v1::ListPeersResponse> Peers() const {
    v1::ListPeersResponse out;
    for (const PeerState& peer : backend_->peers()) {
      v1::Peer& one = *out.add_peers();
      one.set_key(Raw(peer.key));
      SetRole(peer.key, &one);
      one.set_address(peer.address);
      one.set_direction(peer.outbound ? v1::PEER_DIRECTION_OUTBOUND : v1::PEER_DIRECTION_INBOUND);
      one.set_connected(peer.connected);
      one.set_since(peer.since.value());
      one.set_bytes_in(peer.bytes_in);
      one.set_bytes_out(peer.bytes_out);
      one.set_queue_bytes(peer.queue_bytes);
      one.set_height(peer.height.value());
      one.set_last_error(peer.last_error);
    }
    return out;
  }

  absl::StatusOr<v1::ListEvidenceResponse> EvidenceList() const {
    v1::ListEvidenceResponse out;
    for (const EvidenceState& evidence : backend_->evidence()) {
      if (!validators_.Has(evidence.validator)) return Damaged("evidence");
      v1::Evidence& one = *out.add_evidence();
      one.set_kind(static_cast<v1::EvidenceKind>(evidence.kind));
      one.set_validator(evidence.validator.value());
      one.set_validator_name(NameOf(backend_->identity(), evidence.validator));
      one.set_validator_key(Raw(validators_.key(evidence.validator)));
      if (evidence.kind == EvidenceKind::kExecutions) {
        one.set_height(evidence.height.value());
      } else {
        one.set_slot(evidence.slot.value());
      }
      *one.mutable_first() = ToMessage(evidence.first);
      *one.mutable_second() = ToMessage(evidence.second);
      one.set_description(evidence.description);
    }
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
  const consensus::Validators validators_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNodeService(Backend* backend) {
  return std::make_unique<NodeService>(backend);
}

}  // namespace bourse::api
