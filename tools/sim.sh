#!/usr/bin/env bash
# sim.sh [options]: whole networks in virtual time (tests/sim).
#   --seeds A..B | --count N   which seeds (1..2000)      --jobs N   processes (as many as cores)
#   --seed N [--trace]         one seed, and its story    --real-signatures   Ed25519, no stubs
#   --twins [options]          every scenario of Twins    --mutants [options] bugs that must be found
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

run() {
  local target="$1"
  shift
  bazel build --config=release --noshow_progress "$target"
  local bin
  bin="$(bazel info --config=release bazel-bin 2>/dev/null)"
  local path="${target#//}"
  BOURSE_COMMIT="$(git rev-parse --short HEAD 2>/dev/null || echo unknown)" \
    exec "$bin/${path/://}" "$@"
}

case "${1:-}" in
  --twins)
    shift
    run //tests/sim/twins:twins "$@"
    ;;
  --mutants)
    shift
    exec tests/sim/mutants/run.py "$@"
    ;;
  *)
    case " $* " in
      *" --jobs "* | *" --jobs="* | *" --seed "* | *" --seed="*) run //tests/sim:simulate "$@" ;;
      *) run //tests/sim:simulate --jobs "$(nproc)" "$@" ;;
    esac
    ;;
esac
