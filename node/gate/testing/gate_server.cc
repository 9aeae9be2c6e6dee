// A gRPC server behind a Gate, to be attacked: the health service, and for every
// other method an echo of each message (unary or streaming). For tests alone.
//
//   gate_server [--port N] [--direct] [--cert FILE --key FILE]
//
// Prints "port N" once it serves. --direct: the same gRPC server without a gate.

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_posix.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "node/gate/gate.h"
#include "node/gate/server_hardening.h"

namespace {

using bourse::gate::CloseReason;
using bourse::gate::CloseReasonText;
using bourse::gate::CountersSnapshot;
using bourse::gate::Gate;
using bourse::gate::GateOptions;

class Echo final : public grpc::ServerGenericBidiReactor {
 public:
  Echo() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    StartWrite(&message_, grpc::WriteOptions());
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer message_;
};

class EchoService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new Echo;
  }
};

struct Arguments {
  std::uint16_t port = 0;
  bool direct = false;
  std::string certificate;
  std::string key;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--direct") {
      arguments.direct = true;
    } else if (i + 1 < argc && name == "--port") {
      arguments.port = static_cast<std::uint16_t>(std::atoi(argv[++i]));
    } else if (i + 1 < argc && name == "--cert") {
      arguments.certificate = argv[++i];
    } else if (i + 1 < argc && name == "--key") {
      arguments.key = argv[++i];
    }
  }
  return arguments;
}

void PrintCounters(const CountersSnapshot& now) {
  std::printf("accepted %lu handed over %lu pauses %lu in %lu out %lu\n", now.accepted,
              now.handed_over, now.pauses, now.bytes_in, now.bytes_out);
  for (std::size_t i = 0; i < now.closed.size(); ++i) {
    if (now.closed[i] == 0) continue;
    const std::string text(CloseReasonText(static_cast<CloseReason>(i)));
    std::printf("  %8lu %s\n", now.closed[i], text.c_str());
  }
}

// Until SIGTERM or SIGINT.
void WaitForEnd() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  int signal = 0;
  sigwait(&ends, &signal);
}

int Run(const Arguments& arguments) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  grpc::EnableDefaultHealthCheckService(true);
  EchoService echo;
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&echo);
  bourse::gate::Harden(builder);
  int port = arguments.port;
  if (arguments.direct) {
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                             &port);
  }
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;

  std::unique_ptr<Gate> gate;
  if (!arguments.direct) {
    GateOptions options;
    options.port = arguments.port;
    if (!arguments.certificate.empty()) {
      auto tls = bourse::gate::ReadTlsFiles(arguments.certificate, arguments.key);
      if (!tls.ok()) return std::fprintf(stderr, "%s\n", tls.status().ToString().c_str()), 1;
      options.tls = *std::move(tls);
    }
    auto started = Gate::Start(std::move(options),
                               [&](int fd) { grpc::AddInsecureChannelFromFd(server.get(), fd); });
    if (!started.ok()) return std::fprintf(stderr, "%s\n", started.status().ToString().c_str()), 1;
    gate = *std::move(started);
    port = gate->port();
  }
  std::printf("port %d\n", port);
  std::fflush(stdout);
  WaitForEnd();
  if (gate != nullptr) {
    PrintCounters(gate->counters());
    gate->Stop();
  }
  server->Shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return Run(Parse(argc, argv)); }
