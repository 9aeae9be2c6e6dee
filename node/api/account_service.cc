#include "absl/status/statusor.h"
#include "bourse/v1/services.grpc.pb.h"
#include "node/api/call.h"
#include "node/api/convert.h"
#include "node/api/page_token.h"
#include "node/api/services.h"

namespace bourse::api {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

using Service = v1::AccountService;
using Base = Service::WithRawCallbackMethod_GetAccount<Service::WithRawCallbackMethod_ListOrders<
    Service::WithRawCallbackMethod_GetOrder<Service::Service>>>;

constexpr char kOrdersList = 'o';

class AccountService final : public Base {
 public:
  explicit AccountService(Backend* backend) : backend_(backend) {}

  ServerUnaryReactor* GetAccount(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return ServeAtOnce<v1::GetAccountRequest>(context, request, response,
                                              [this](const auto& parsed) { return Get(parsed); });
  }
  ServerUnaryReactor* ListOrders(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return ServeAtOnce<v1::ListOrdersRequest>(context, request, response,
                                              [this](const auto& parsed) { return List(parsed); });
  }
  ServerUnaryReactor* GetOrder(CallbackServerContext* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    return ServeAtOnce<v1::GetOrderRequest>(context, request, response,
                                            [this](const auto& parsed) { return GetOne(parsed); });
  }

 private:
  absl::StatusOr<v1::Account> Get(const v1::GetAccountRequest& request) const {
    const absl::StatusOr<AccountId> id = ToAccountId("account", request.account());
    if (!id.ok()) return id.status();
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Account> account = reader.Account(*id);
    if (!account.ok()) return account.status();
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();
    return ToMessage(*account, reader, head->height);
  }

  absl::StatusOr<v1::ListOrdersResponse> List(const v1::ListOrdersRequest& request) const {
    const absl::StatusOr<AccountId> id = ToAccountId("account", request.account());
    if (!id.ok()) return id.status();
    const absl::StatusOr<std::size_t> size = PageSize(request.page_size());
    if (!size.ok()) return size.status();
    OrderId after;
    if (!request.page_token().empty()) {
      const auto token = ReadPageToken<1>(kOrdersList, request.page_token());
      if (!token.ok()) return token.status();
      after = OrderId((*token)[0]);
    }
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Account> account = reader.Account(*id);
    if (!account.ok()) return account.status();
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();

    v1::ListOrdersResponse out;
    out.set_height(head->height.value());
    const std::vector<OrderId> ids =
        backend_->orders().OrdersOf(account->index, MarketId(request.market()), after, *size);
    for (const OrderId order_id : ids) {
      const auto order = reader.Order(order_id);
      if (!order.ok()) return order.status();
      // The list may be a block ahead of the ledger that is read here.
      if (order->has_value()) *out.add_orders() = ToMessage(**order, *account, head->time);
    }
    if (ids.size() == *size) {
      out.set_next_page_token(MakePageToken<1>(kOrdersList, {ids.back().value()}));
    }
    return out;
  }

  absl::StatusOr<v1::Order> GetOne(const v1::GetOrderRequest& request) const {
    const absl::StatusOr<AccountId> id = ToAccountId("account", request.account());
    if (!id.ok()) return id.status();
    const std::shared_ptr<const ledger::View> view = backend_->Latest();
    const LedgerReader reader(*view);
    const absl::StatusOr<ledger::Account> account = reader.Account(*id);
    if (!account.ok()) return account.status();
    const absl::StatusOr<ledger::Head> head = reader.Head();
    if (!head.ok()) return head.status();

    std::optional<OrderId> order_id;
    switch (request.target_case()) {
      case v1::GetOrderRequest::kOrderId:
        order_id = OrderId(request.order_id());
        break;
      case v1::GetOrderRequest::kClientId:
        order_id =
            backend_->orders().FindClientId(account->index, ClientOrderId(request.client_id()));
        break;
      case v1::GetOrderRequest::TARGET_NOT_SET:
        return absl::InvalidArgumentError("target: give order_id or client_id");
    }
    if (order_id) {
      const auto order = reader.Order(*order_id);
      if (!order.ok()) return order.status();
      if (order->has_value() && (*order)->account == account->index) {
        return ToMessage(**order, *account, head->time);
      }
    }
    return absl::NotFoundError(
        "the account has no such open order; what became of one is in its transaction's receipt");
  }

  Backend* const backend_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccountService(Backend* backend) {
  return std::make_unique<AccountService>(backend);
}

}  // namespace bourse::api
