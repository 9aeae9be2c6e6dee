#!/usr/bin/env bash
# Shows the main job: a local network of four nodes, two traders, an order each, the swap by its
# TXID; one node is killed, the others go on, and it catches up.
# Called by ./dev demo, after the build; leaves nothing behind. With --engine cometbft, CometBFT
# orders the blocks, and the end is an audit against its headers.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

BOURSE="$(readlink -f "${BOURSE_BIN:-bazel-bin/cli/bourse}")"
BOURSED="$(readlink -f "${BOURSED_BIN:-bazel-bin/node/boursed}")"
for program in "$BOURSE" "$BOURSED"; do
  [ -x "$program" ] || {
    echo "tools/demo.sh: there is no program $program; ./dev demo builds it." >&2
    exit 1
  }
done

engine=simplex
if [ "${1:-}" = --engine ] && [ $# = 2 ]; then
  engine="$2"
elif [ $# != 0 ]; then
  echo "tools/demo.sh: it takes --engine simplex or --engine cometbft, and no more." >&2
  exit 2
fi

home="$(mktemp -d "${TMPDIR:-/tmp}/bourse-demo.XXXXXX")"
export BOURSE_HOME="$home"
unset BOURSE_NODE BOURSE_KEY BOURSE_PASSPHRASE
current=""

cleanup() {
  local code=$?
  trap - EXIT INT TERM
  "$BOURSE" devnet down >"$home/down.log" 2>&1 || true
  if [ "$code" != 0 ]; then
    echo "The demo failed${current:+ at: $current}" >&2
    for log in "$home"/up.log "$home"/devnet/node*.log; do
      if [ -e "$log" ]; then
        echo "--- the end of $(basename "$log")" >&2
        tail -n 10 "$log" >&2
      fi
    done
  fi
  rm -rf "$home"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }

# Shows a command as it would be typed, and runs it.
run() {
  current="bourse $*"
  echo "\$ bourse $*"
  "$BOURSE" "$@"
  current=""
}

# A field of a command's JSON document: field EXPRESSION COMMAND…, of the document d.
field() {
  local expression="$1"
  shift
  "$BOURSE" "$@" --output json 2>/dev/null |
    /usr/bin/python3 -c "import json, sys; d = json.load(sys.stdin); print($expression)"
}

free() { field "next(b['free'] for b in d['balances'] if b['asset'] == '$2')" account "$1"; }

same() {
  if [ "$2" != "$3" ]; then
    echo "tools/demo.sh: $1: expected $2, got $3" >&2
    exit 1
  fi
}

say "1. A network on this computer: four nodes, four assets, two markets, funded keys."
up="devnet up"
[ "$engine" = simplex ] || up="devnet up --engine $engine"
echo "\$ bourse $up"
current="bourse $up"
"$BOURSE" $up --listen 0 --boursed "$BOURSED" >"$home/up.log" 2>&1
head -n 5 "$home/up.log"
current=""
run market list

say "2. What Alice and Bob own before."
alice_btc="$(free alice BTC)"
bob_btc="$(free bob BTC)"
run account alice
run account bob

say "3. Alice offers half a bitcoin. The command signs the order with her key and sends it;
   the nodes agree on a block with it, which is on disk before the answer."
run order sell BTC/USD 0.5 --price 64000 --key alice
run book BTC/USD

say "4. A price the market does not have is refused, with those that would do. Nothing was sent."
echo "\$ bourse order buy BTC/USD 0.5003 --price 64000 --key bob"
code=0
"$BOURSE" order buy BTC/USD 0.5003 --price 64000 --key bob || code=$?
same "exit code of an off-lot quantity" 2 "$code"

say "5. Bob buys. The two orders meet, and the swap is settled in the same block."
run order buy BTC/USD 0.5 --price 64000 --key bob

say "6. The swap has a TXID of its own, by which any node knows it: who gave what to whom."
swap="$(field "d['trades'][0]['txid']" trades BTC/USD)"
run tx "$swap"
same "price of the swap" "64000.00" "$(field "d['price']" tx "$swap")"
same "quantity of the swap" "0.500" "$(field "d['quantity']" tx "$swap")"

verify() {
  [ "$engine" = simplex ] || return 0
  run tx "$1" --verify | tail -n 1
}
if [ "$engine" = simplex ]; then
  say "7. Each validator signed what the block did. Whoever knows their keys needs to trust no node."
else
  say "7. CometBFT's validators sign what blocks did in the headers that follow (its light client
   checks them; --verify is of the built-in engine)."
fi
verify "$swap"

say "8. A node is killed, in the middle of it all (kill -9)."
run devnet stop node3 --kill
run devnet status | cut -c 1-74

say "9. The other three go on: three of four decide. The traders notice nothing."
run order sell BTC/USD 0.3 --price 64100 --key alice
run order buy BTC/USD 0.3 --price 64100 --key bob
second="$(field "d['trades'][0]['txid']" trades BTC/USD)"
same "price of the second swap" "64100.00" "$(field "d['price']" tx "$second")"
verify "$second"

say "10. The killed node comes back, reads its log, catches up, and votes again."
target="$(field "d['height']" tx "$second")"
run devnet start node3 --boursed "$BOURSED"
node3="$(field "next(n['node'] for n in d['nodes'] if n['name'] == 'node3')" devnet status)"
current="waiting for node3 to catch up"
for _ in $(seq 200); do
  height="$(field "d['height']" node status --node "$node3")"
  if [ "$height" -ge "$target" ]; then break; fi
  sleep 0.05
done
[ "$height" -ge "$target" ]
current=""
run devnet status | cut -c 1-74

said="d['price'], d['base'], d['quote']"
if [ "$engine" = simplex ]; then
  say "11. Asked for the swap that it slept through, it tells the same, and who certified it."
  echo "\$ bourse tx $second --verify --node $node3"
  "$BOURSE" tx "$second" --verify --node "$node3" | tail -n 1
  said="d['certificate']['results_root'], $said"
  options=(--verify)
else
  say "11. Asked for the swap that it slept through, it tells the same."
  run tx "$second" --node "$node3"
  options=()
fi
same "what node3 says of the swap" "$(field "$said" tx "$second" "${options[@]}")" \
  "$(field "$said" tx "$second" "${options[@]}" --node "$node3")"

say "12. And what they own now. Fees: 0.01% for Alice, whose order waited, 0.02% for Bob."
run account alice
run account bob
moved() {
  /usr/bin/python3 -c "from decimal import Decimal; print(Decimal('$1') - Decimal('$2'))"
}
same "what Alice gave" "0.80000000" "$(moved "$alice_btc" "$(free alice BTC)")"
same "what Bob got" "0.80000000" "$(moved "$(free bob BTC)" "$bob_btc")"

if [ "$engine" = cometbft ]; then
  say "13. A node that stops is audited: its blocks are run again without CometBFT, and compared with
   the headers that another node's CometBFT has."
  run devnet stop node3
  rpc="$(/usr/bin/python3 -c "import json; print(json.load(open('$home/devnet/devnet.json'))['nodes'][0]['rpc_port'])")"
  echo "\$ boursed audit --home node3 --engine-rpc 127.0.0.1:$rpc"
  current="boursed audit"
  "$BOURSED" audit --home "$home/devnet/node3" --engine-rpc "127.0.0.1:$rpc" 2>/dev/null |
    sed "s#$home/devnet/##"
  current=""
fi

say "That is the main job. To play on, type (the demo's own network goes away now):"
cat <<TEXT
  export PATH="$(dirname "$BOURSE"):$(dirname "$BOURSED"):\$PATH"
  bourse $up
  bourse order buy BTC/USD 0.5 --price 63000
  bourse order sell BTC/USD 0.2 --market --slippage 0.5% --key bob
  bourse account
  bourse --help
TEXT
