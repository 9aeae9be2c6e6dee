# Sourced by ./dev: which Debian packages each verb needs, and installs them.

BUILD_PACKAGES=(
  bazel-bootstrap g++ libabsl-dev libasio-dev libbenchmark-dev libcli11-dev libcpp-httplib-dev
  libgmock-dev libgrpc++-dev libgtest-dev libprotobuf-dev librocksdb-dev libsodium-dev libspdlog-dev
  libssl-dev libtomlplusplus-dev nlohmann-json3-dev prometheus-cpp-dev protobuf-compiler
  protobuf-compiler-grpc python3
)
# Formatting is a test; clients in another language are tested too; instructions are counted.
TEST_PACKAGES=(clang-format-14 git openssl python3-grpcio python3-protobuf valgrind)
FUZZ_PACKAGES=(clang-14 libclang-rt-14-dev lld-14 llvm-14)
LINT_PACKAGES=(clang-format-14 clang-tidy-14 git)

LOG_DIR="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/bourse"

say() { echo "==> $*" >&2; }

die() {
  echo "./dev: $*" >&2
  exit 1
}

# step TEXT COMMAND...: runs it, with its output on the terminal, and says how long it took.
step() {
  local text="$1" start="$SECONDS"
  shift
  say "$text"
  "$@" || die "that failed after $((SECONDS - start)) s; the reason is above."
  say "done in $((SECONDS - start)) s"
}

# quiet_step TEXT COMMAND...: the same, with the output in a log file.
quiet_step() {
  local text="$1" start="$SECONDS" log
  shift
  mkdir -p "$LOG_DIR"
  log="$LOG_DIR/setup.log"
  say "$text"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    die "that failed after $((SECONDS - start)) s; all of its output: $log"
  fi
  say "done in $((SECONDS - start)) s"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get -q -y -o DPkg::Lock::Timeout=120 "$@"
}

require_debian_12() {
  local id="" version=""
  if [ -r /etc/os-release ]; then
    id="$(. /etc/os-release && echo "${ID:-}")"
    version="$(. /etc/os-release && echo "${VERSION_ID:-}")"
  fi
  if [ "$id" != debian ] || [ "$version" != 12 ]; then
    die "this needs Debian 12 (bookworm), whose packages bring every library; this system says" \
      "'${id:-unknown} ${version:-}'. A container will do:
  docker run -it -v \"\$PWD:/bourse\" -w /bourse debian:12 ./dev demo"
  fi
}

# Installs those of the packages that are missing; free of cost when none is.
install_packages() {
  require_debian_12
  local missing
  missing="$(comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
      sed -n 's/^installed //p' | sort -u))"
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "not root, and no sudo. As root, run: apt-get install --no-install-recommends" $missing
    sudo -v || die "sudo was refused; it is needed to install packages:" $missing
  fi
  quiet_step "Fetching Debian's package lists" apt update
  quiet_step "Installing $(wc -w <<<"$missing") Debian packages and what they need (a minute or two)" \
    apt install --no-install-recommends $missing
}
