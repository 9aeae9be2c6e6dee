#!/usr/bin/env bash
# bench.sh [name] [options]: builds the programs of tests/bench for release and runs them, or the
# one of that name; options go to the program. `finality` and `network` stand for their _bench;
# `cometbft` runs both beside that engine, and on it.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

programs="$(bazel query --noshow_progress 'kind("cc_binary", //tests/bench/...)' 2>/dev/null || true)"
if [ $# -gt 0 ] && [[ "$1" != -* ]]; then
  name="$1"
  shift
  case "$name" in
    finality | network) name="${name}_bench" ;;
    cometbft)
      echo "==> Building for release (a few minutes the first time)" >&2
      bazel build --config=release //tests/bench:network_bench //tests/bench:finality_bench
      bin="$(bazel info --config=release bazel-bin)/tests/bench"
      exec /usr/bin/python3 -B tests/bench/cometbft/beside_cometbft.py "$bin/network_bench" \
        "$bin/finality_bench" "$@"
      ;;
  esac
  programs="$(grep -- ":$name\$" <<<"$programs" || true)"
  [ -n "$programs" ] || { echo "There is no benchmark '$name' in tests/bench." >&2; exit 2; }
fi
[ -n "$programs" ] || { echo "tests/bench holds no benchmark." >&2; exit 1; }

echo "==> Building for release (a few minutes the first time)" >&2
bazel build --config=release $programs
bin="$(bazel info --config=release bazel-bin)"
for program in $programs; do
  path="${program#//}"
  echo "==> ${path/://}" >&2
  "$bin/${path/://}" "$@"
done
