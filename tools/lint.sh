#!/usr/bin/env bash
# lint.sh [file.cc...]: the lints that are tests, then clang-tidy on the files (default: all).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

/usr/bin/python3 tools/test.py //tools/lint:all
/usr/bin/python3 tools/compile_commands.py
if [ $# = 0 ]; then
  mapfile -t files < <(git ls-files -- '*.cc')
  set -- "${files[@]}"
fi
echo "==> clang-tidy on $# files (10 seconds each, more with gRPC)" >&2
printf '%s\0' "$@" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy-14 -p . --quiet --warnings-as-errors='*' 2> >(
    grep -v -e 'warnings\? generated' -e '^Suppressed' -e '^Use -header-filter' >&2
  ) || {
  echo "./dev lint: clang-tidy found the above." >&2
  exit 1
}
