#!/usr/bin/env bash
# bench.sh [--profile] [NAME] [options]: measures a program of tests/bench, built for release.
#   NAME       exchange (the default: one table, from signature to synced disk), matching, node, …;
#              `all`: one after the other; `cometbft`: both engines beside CometBFT's kvstore
#   --profile  writes where its time goes as a flame graph, too
# The options are the program's own; --help lists them.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

die() {
  echo "./dev bench: $*" >&2
  exit 1
}

# Targets of benchmarks, one a line: what NAME means, or all.
targets() {
  bazel query --noshow_progress 'filter("_(bench|soak)$", kind("cc_binary", //tests/bench:all))' |
    { if [ "$1" = all ]; then cat; else grep -E -- ":$1(_bench)?\$"; fi; }
}

build() {
  echo "==> Building for release (a few minutes the first time)" >&2
  bazel build --config=release "$@"
  bin="$(bazel info --config=release bazel-bin)"
}

# profile NAME PROGRAM OPTIONS...
profile() {
  local name="$1" svg
  shift
  svg="${TMPDIR:-/tmp}/bourse-$name.svg"
  data="$(mktemp "${TMPDIR:-/tmp}/bourse-perf.XXXXXX")"
  trap 'rm -f "$data"' EXIT
  # The program as it is measured has no frame pointers: the stack's top goes along and is unwound.
  perf record -q -F 199 --call-graph dwarf,16384 -o "$data" -- "$@"
  echo "==> Drawing (about as long as it ran)" >&2
  perf script -i "$data" -F comm,ip,sym --no-inline 2>/dev/null | c++filt |
    tools/profile/flame_graph.py "$name $(date +%F)" >"$svg.new"
  mv "$svg.new" "$svg"
  rm -f "$data"
  trap - EXIT
  echo "==> $svg: open it in a browser" >&2
}

with_profile=false
name=exchange
options=()
for argument in "$@"; do
  if [ "$argument" = --profile ]; then
    with_profile=true
  else
    options+=("$argument")
  fi
done
if [ ${#options[@]} -gt 0 ] && [[ "${options[0]}" != -* ]]; then
  name="${options[0]}"
  options=("${options[@]:1}")
fi

if [ "$name" = cometbft ]; then
  build //tests/bench:network_bench //tests/bench:finality_bench
  exec /usr/bin/python3 -B tests/bench/cometbft/beside_cometbft.py \
    "$bin/tests/bench/network_bench" "$bin/tests/bench/finality_bench" "${options[@]}"
fi
if $with_profile && ! command -v perf >/dev/null; then
  die "--profile needs perf: apt-get install linux-perf"
fi
programs="$(targets "$name")" || die "there is no benchmark '$name' in tests/bench."
build $programs
for target in $programs; do
  program="${target##*:}"
  echo "==> $program" >&2
  if $with_profile; then
    profile "$program" "$bin/tests/bench/$program" "${options[@]}"
  else
    "$bin/tests/bench/$program" "${options[@]}"
  fi
done
