// emulator: a network of hosts on one machine, whose links delay, lose, cut and reset on command.
//
//   emulator --hosts 4 --name b --delay-us 50000     (as root)
//   > loss 10000            of a million packets, on every link between hosts
//   > delay 50000           microseconds each way, on every link between hosts
//   > cut 1 2               nothing gets from host 1 to host 2 any more
//   > reset 1 2             all TCP connections between these two are reset, as seen from both
//   > heal                  no cuts, no loss
//
// Host i, from 1 on, is a network namespace NAMEi with the address 10.77.0.i behind a TUN device;
// the caller's own namespace is host 0, 10.77.0.100, whose links to all hosts are perfect. Every IP
// packet passes through this process, which needs nothing of the kernel but TUN. Answers "ok" to
// each command; ends with its standard input, and takes the namespaces down.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <queue>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kPacketBytes = 65'536;
constexpr std::size_t kQueueBytesMax = 256 << 20;  // on the way; more is lost
constexpr std::uint64_t kResetUs = 300'000;        // how long a reset waits for packets to answer

std::uint64_t NowUs() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "emulator: %s: %s\n", why.c_str(), std::strerror(errno));
  std::exit(1);
}

void Run(const std::string& command) {
  if (std::system(command.c_str()) != 0) Fail(command);
}

// A TUN device in the namespace that the thread is in; its traffic is on the descriptor.
int OpenTun(const std::string& name) {
  const int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) Fail("/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name.c_str());
  if (::ioctl(fd, TUNSETIFF, &request) != 0) Fail("TUNSETIFF");
  return fd;
}

int EnterNamespace(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || ::setns(fd, CLONE_NEWNET) != 0) Fail(path);
  return fd;
}

std::uint16_t Checksum(const std::uint8_t* bytes, std::size_t size, std::uint32_t sum) {
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i]) << 8 | bytes[i + 1];
  }
  if (size % 2 == 1) sum += static_cast<std::uint32_t>(bytes[size - 1]) << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// A TCP packet without data that resets the connection: from where `packet` came from to where it
// goes, or (`back`) the other way. Empty if `packet` is no TCP over IPv4.
std::string MakeReset(const std::string& packet, bool back) {
  const auto* in = reinterpret_cast<const std::uint8_t*>(packet.data());
  const std::size_t header = static_cast<std::size_t>(in[0] & 15) * 4;
  if (packet.size() < header + 20 || in[9] != IPPROTO_TCP) return {};
  const std::uint8_t* tcp = in + header;
  std::array<std::uint8_t, 40> out{};
  out[0] = 0x45;
  out[3] = 40;
  out[8] = 64;
  out[9] = IPPROTO_TCP;
  std::memcpy(&out[12], in + (back ? 16 : 12), 4);
  std::memcpy(&out[16], in + (back ? 12 : 16), 4);
  std::memcpy(&out[20], tcp + (back ? 2 : 0), 2);
  std::memcpy(&out[22], tcp + (back ? 0 : 2), 2);
  std::memcpy(&out[24], tcp + (back ? 8 : 4), 4);  // the number that is expected next
  std::memcpy(&out[28], tcp + (back ? 4 : 8), 4);
  out[32] = 5 << 4;
  out[33] = 0x04 | 0x10;  // RST, ACK
  const std::uint16_t ip_sum = Checksum(out.data(), 20, 0);
  out[10] = static_cast<std::uint8_t>(ip_sum >> 8);
  out[11] = static_cast<std::uint8_t>(ip_sum);
  std::uint32_t pseudo = IPPROTO_TCP + 20;
  for (std::size_t i = 12; i < 20; i += 2) {
    pseudo += static_cast<std::uint32_t>(out[i]) << 8 | out[i + 1];
  }
  const std::uint16_t tcp_sum = Checksum(&out[20], 20, pseudo);
  out[36] = static_cast<std::uint8_t>(tcp_sum >> 8);
  out[37] = static_cast<std::uint8_t>(tcp_sum);
  return std::string(reinterpret_cast<const char*>(out.data()), out.size());
}

// A namespace that may not be there.
void Delete(const std::string& name) {
  if (std::system(("ip netns del " + name + " 2>/dev/null").c_str()) < 0) Fail("ip netns del");
}

class Emulator {
 public:
  Emulator(std::string name, int hosts, std::uint64_t delay_us)
      : name_(std::move(name)), delay_us_(delay_us) {
    const int own = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    fds_.push_back(OpenTun(name_ + "0"));
    Run("ip addr add 10.77.0.100/32 dev " + name_ + "0 && ip link set " + name_ +
        "0 mtu 1400 up && ip route add 10.77.0.0/24 dev " + name_ + "0");
    for (int i = 1; i <= hosts; ++i) {
      const std::string host = name_ + std::to_string(i);
      Delete(host);  // left behind by a run that was killed
      Run("ip netns add " + host);
      ::close(EnterNamespace("/run/netns/" + host));
      fds_.push_back(OpenTun("tun0"));
      Run("ip link set lo up && ip addr add 10.77.0." + std::to_string(i) +
          "/32 dev tun0 && ip link set tun0 mtu 1400 up && ip route add 10.77.0.0/24 dev tun0");
      if (::setns(own, CLONE_NEWNET) != 0) Fail("setns");
    }
    ::close(own);
  }

  ~Emulator() {
    for (std::size_t i = 1; i < fds_.size(); ++i) {
      Delete(name_ + std::to_string(i));
    }
  }

  void Loop() {
    std::printf("ready\n");
    std::fflush(stdout);
    std::vector<pollfd> polled;
    for (const int fd : fds_) polled.push_back({fd, POLLIN, 0});
    polled.push_back({STDIN_FILENO, POLLIN, 0});
    while (!ended_) {
      const timespec wait = UntilNext();
      ::ppoll(polled.data(), polled.size(), &wait, nullptr);
      for (std::size_t i = 0; i < fds_.size(); ++i) {
        if (polled[i].revents != 0) Receive(i);
      }
      if (polled.back().revents != 0) ReadCommands();
      Deliver();
    }
  }

 private:
  struct Packet {
    std::uint64_t due_us = 0;
    std::uint64_t number = 0;  // packets of one due time stay in order
    std::size_t to = 0;
    std::string bytes;
    bool operator<(const Packet& other) const {
      return std::pair(due_us, number) > std::pair(other.due_us, other.number);
    }
  };

  timespec UntilNext() const {
    if (packets_.empty()) return {1, 0};
    const std::uint64_t now = NowUs();
    const std::uint64_t left = std::max(packets_.top().due_us, now) - now;
    return {static_cast<time_t>(left / 1'000'000), static_cast<long>(left % 1'000'000 * 1'000)};
  }

  // The host of an address; nothing for what is not of this network.
  int HostOf(const char* address) const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(address);
    if (bytes[0] != 10 || bytes[1] != 77 || bytes[2] != 0) return -1;
    if (bytes[3] == 100) return 0;
    return bytes[3] < fds_.size() ? bytes[3] : -1;
  }

  void Receive(std::size_t from) {
    std::array<char, kPacketBytes> buffer;
    for (int i = 0; i < 64; ++i) {
      const ssize_t size = ::read(fds_[from], buffer.data(), buffer.size());
      if (size < 20 || buffer[0] >> 4 != 4) return;
      const int to = HostOf(&buffer[16]);
      if (to < 0) continue;
      Forward(from, static_cast<std::size_t>(to),
              std::string(buffer.data(), static_cast<std::size_t>(size)));
    }
  }

  void Forward(std::size_t from, std::size_t to, std::string packet) {
    const bool is_perfect = from == 0 || to == 0;
    if (is_perfect) return Queue(to, 0, std::move(packet));
    if (cuts_.contains({from, to})) return;
    if (std::uniform_int_distribution<std::uint64_t>(0, 999'999)(random_) < loss_ppm_) return;
    if (NowUs() < reset_until_us_ && IsReset(from, to)) {
      Queue(from, 0, MakeReset(packet, true));
      return Queue(to, 0, MakeReset(packet, false));
    }
    Queue(to, delay_us_, std::move(packet));
  }

  bool IsReset(std::size_t a, std::size_t b) const {
    return reset_ == std::pair(a, b) || reset_ == std::pair(b, a);
  }

  void Queue(std::size_t to, std::uint64_t delay_us, std::string packet) {
    if (packet.empty() || bytes_ + packet.size() > kQueueBytesMax) return;
    bytes_ += packet.size();
    packets_.push({NowUs() + delay_us, next_number_++, to, std::move(packet)});
  }

  void Deliver() {
    const std::uint64_t now = NowUs();
    while (!packets_.empty() && packets_.top().due_us <= now) {
      const Packet& packet = packets_.top();
      // A full device loses the packet, as a network does.
      [[maybe_unused]] const ssize_t written =
          ::write(fds_[packet.to], packet.bytes.data(), packet.bytes.size());
      bytes_ -= packet.bytes.size();
      packets_.pop();
    }
  }

  void ReadCommands() {
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) {
      ended_ = true;
      return;
    }
    input_.append(buffer.data(), static_cast<std::size_t>(size));
    for (std::size_t end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      std::istringstream line(input_.substr(0, end));
      input_.erase(0, end + 1);
      std::printf("%s\n", Obey(line) ? "ok" : "what?");
      std::fflush(stdout);
    }
  }

  bool Obey(std::istringstream& line) {
    std::string verb;
    std::pair<std::size_t, std::size_t> link;
    line >> verb;
    if (verb == "loss") return static_cast<bool>(line >> loss_ppm_);
    if (verb == "delay") return static_cast<bool>(line >> delay_us_);
    if (verb == "heal") {
      cuts_.clear();
      loss_ppm_ = 0;
      return true;
    }
    if (!(line >> link.first >> link.second)) return false;
    if (verb == "cut") return cuts_.insert(link).second;
    if (verb != "reset") return false;
    reset_ = link;
    reset_until_us_ = NowUs() + kResetUs;
    return true;
  }

  const std::string name_;
  std::uint64_t delay_us_;
  std::vector<int> fds_;  // of the hosts, from 0 on
  std::priority_queue<Packet> packets_;
  std::size_t bytes_ = 0;
  std::uint64_t next_number_ = 0;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;  // from, to
  std::uint64_t loss_ppm_ = 0;
  std::pair<std::size_t, std::size_t> reset_;
  std::uint64_t reset_until_us_ = 0;
  std::mt19937_64 random_{1};
  std::string input_;
  bool ended_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  int hosts = 4;
  std::string name = "bourse";
  std::uint64_t delay_us = 0;
  CLI::App app("A network of hosts on one machine, whose links fail on command");
  app.add_option("--hosts", hosts)->check(CLI::Range(1, 64));
  app.add_option("--name", name, "of the namespaces: NAME1, NAME2, …");
  app.add_option("--delay-us", delay_us, "each way, between hosts");
  CLI11_PARSE(app, argc, argv);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGINT, SIG_IGN);  // its standard input ends it
  Emulator(name, hosts, delay_us).Loop();
  return 0;
}
