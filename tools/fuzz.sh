#!/usr/bin/env bash
# fuzz.sh [name|all] [runs]: libFuzzer, with AddressSanitizer and UndefinedBehaviorSanitizer, on
# each cc_fuzz_test or the one of that name. Starts from the corpus in the tree; what it learns,
# and what it finds, is kept in ~/.cache/bourse/fuzz.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
name="${1:-all}" runs="${2:-1000000}"
if [[ "$name" =~ ^[0-9]+$ ]]; then runs="$name" name=all; fi
work="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/bourse/fuzz"

all="$(bazel query --noshow_progress 'attr(tags, "\bfuzz\b", tests(//...))')"
targets="$all"
if [ "$name" != all ]; then targets="$(grep -- ":$name\$" <<<"$all" || true)"; fi
if [ -z "$targets" ]; then
  printf "There is no fuzz test '%s'. These are there:\n%s\n" "$name" "$all" >&2
  exit 2
fi

echo "==> Building $(wc -w <<<"$targets") fuzz tests with clang and sanitizers" >&2
bazel build --config=fuzz $targets
bin="$(bazel info --config=fuzz bazel-bin)"

failed=0
for target in $targets; do
  path="${target#//}" path="${path/://}"
  folder="$work/${target##*:}"
  mkdir -p "$folder/corpus" "$folder/found"
  bazel query --noshow_progress "kind('source file', deps(labels(data, $target)))" 2>/dev/null |
    sed -n 's|^//||p' | tr : / | sed 's|^/||' |
    while read -r seed; do cp "$seed" "$folder/corpus/$(tr / _ <<<"$seed")"; done
  echo "==> $target: $runs inputs" >&2
  start="$SECONDS"
  if "$bin/$path" -runs="$runs" -print_final_stats=1 -artifact_prefix="$folder/found/" \
    "$folder/corpus" >"$folder/log" 2>&1; then
    # Inputs run in all, and the edges of the program's flow that they reached.
    inputs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log")"
    edges="$(grep -oE 'cov: [0-9]+' "$folder/log" | tail -n 1)"
    echo "    nothing found: $inputs inputs, $edges, $((SECONDS - start)) s"
  else
    failed=$((failed + 1))
    grep -m 1 -A 12 -E 'ERROR:|runtime error:|SUMMARY:' "$folder/log" || tail -n 20 "$folder/log"
    echo "    FOUND something; the input is in $folder/found, the log is $folder/log"
  fi
done
echo "$(($(wc -w <<<"$targets") - failed)) clean, $failed with findings"
[ "$failed" = 0 ]
