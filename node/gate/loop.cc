#include "node/gate/loop.h"

#include <pthread.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <future>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bourse::gate {
namespace {

constexpr std::size_t kScratchBytes = 64 * 1024;

void BlockAllSignals(sigset_t* before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, before);
}

}  // namespace

struct Loop::Impl {
  asio::io_context io{1};  // one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::array<std::uint8_t, kScratchBytes> scratch;
  std::thread thread;
};

absl::StatusOr<std::shared_ptr<Loop>> Loop::Start() {
  try {  // asio and std::thread tell of missing resources by throwing
    auto impl = std::make_unique<Impl>();
    asio::io_context* const io = &impl->io;
    sigset_t before;
    BlockAllSignals(&before);  // the new thread inherits it
    std::thread thread([io] { io->run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    impl->thread = std::move(thread);
    return std::shared_ptr<Loop>(new Loop(std::move(impl)));
  } catch (const std::exception& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start the thread for connections: ", error.what()));
  }
}

Loop::Loop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Loop::~Loop() {
  impl_->work.reset();
  impl_->io.stop();
  impl_->thread.join();
}

void Loop::Post(std::function<void()> task) { asio::post(impl_->io, std::move(task)); }

void Loop::RunAndWait(const std::function<void()>& task) {
  if (std::this_thread::get_id() == impl_->thread.get_id()) return task();
  std::promise<void> done;
  Post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

std::span<std::uint8_t> Loop::scratch() { return impl_->scratch; }

asio::io_context& Loop::io() { return impl_->io; }

std::int64_t Loop::NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace bourse::gate
