#include "node/cometbft/testing/fake_engine.h"

#include <httplib.h>

#include <chrono>
#include <utility>

#include "common/check.h"

namespace bourse::cometbft::testing {
namespace {

using Json = nlohmann::json;

constexpr char kHost[] = "127.0.0.1";

}  // namespace

FakeEngine::FakeEngine(Answer answer) : server_(std::make_unique<httplib::Server>()) {
  server_->set_keep_alive_max_count(1'000'000);
  server_->Post("/", [this, answer = std::move(answer)](const httplib::Request& request,
                                                        httplib::Response& response) {
    {
      const std::lock_guard lock(mutex_);
      ++calls_;
      ports_.insert(request.remote_port);
    }
    const Json call = Json::parse(request.body);
    CHECK(call["jsonrpc"] == "2.0" && call.contains("id"));
    response.set_content(answer(call["method"].get<std::string>(), call["params"]),
                         "application/json");
  });
  const int port = server_->bind_to_any_port(kHost);
  CHECK(port > 0);
  port_ = static_cast<std::uint16_t>(port);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

FakeEngine::~FakeEngine() {
  server_->stop();
  thread_.join();
}

RpcOptions FakeEngine::rpc() const { return {.host = kHost, .port = port_}; }

int FakeEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FakeEngine::connections() const {
  const std::lock_guard lock(mutex_);
  return ports_.size();
}

std::string ResultBody(const Json& result) {
  return Json({{"jsonrpc", "2.0"}, {"id", 1}, {"result", result}}).dump();
}

std::string ErrorBody(const std::string& message, const std::string& data) {
  return Json({{"jsonrpc", "2.0"},
               {"id", 1},
               {"error", {{"code", -32603}, {"message", message}, {"data", data}}}})
      .dump();
}

}  // namespace bourse::cometbft::testing
