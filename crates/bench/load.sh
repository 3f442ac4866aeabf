#!/usr/bin/env bash
# Requests over HTTP against the example `resource_server`, and against the same route without the layer: requests a
# second, 99th percentile, and the server's memory at its highest. Loopback alone; ends by itself after about a minute.
#
#   crates/bench/load.sh [SECONDS of each run, 5 unless given, which is the least]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-5}

main() {
    [[ $seconds =~ ^([5-9]|1[0-9]|20)$ ]] || fail "usage: load.sh [SECONDS, 5 to 20]"
    # More than are sent, so that none of them comes twice, which `measure` asserts.
    tokens=$((seconds * 30000))
    install_wrk
    cargo build --quiet --release -p claviger-examples --example resource_server
    cargo build --quiet --release -p claviger-bench --example open_server
    start_issuer

    printf '| %-34s | requests/s | 99 %% | MiB |\n|---|--:|--:|--:|\n' "$(nproc) cores, ES256"
    with_server open target/release/examples/open_server
    measure "without the layer" repeated
    stop "$server"
    with_guarded_server
    measure "one token" repeated
    measure "distinct tokens" distinct
    flood
    measure "one token, unknown keys beside it" repeated
    stop "$flooding"
    stop "$server"
    # Another one, because the flood has used up what unknown keys may cost, and a new key is one at first.
    with_guarded_server
    rotate_soon
    # Two seconds behind the rotation: clocks of whole seconds differ by one, and a token that comes before its key is
    # published uses up what unknown keys may cost.
    AFTER=$work/after SWITCH=$(($(date +%s) + seconds / 2 + 2)) measure "distinct tokens, keys rotate" distinct
    assert_rotated
    stop "$server"
}

# Keys and tokens; a line to its input rotates the keys.
start_issuer() {
    mkfifo "$work/commands"
    target/release/examples/open_server issuer "$work" "$tokens" <"$work/commands" >"$work/issuer.log" &
    started+=($!)
    exec 3>"$work/commands"
    await "$work/issuer.log" issuing
}

with_guarded_server() {
    with_server guarded target/release/examples/resource_server --config "$work/api.toml" --listen 127.0.0.1:0
}

with_server() {
    local log=$work/$1.log
    shift
    # The log of a server before it says where that one listened.
    rm -f "$log"
    "$@" >"$log" 2>"$log.errors" &
    server=$!
    started+=("$server")
    await "$log" "listening on "
    address=$(sed -n 's/^listening on //p' "$log")
}

measure() {
    local name=$1 log=$work/wrk.log
    TOKENS=$work/$2 wrk --latency -t 2 -c 32 -d "${seconds}s" -s crates/bench/load.lua "$address/reports" >"$log"
    if grep -q 'Non-2xx' "$log"; then
        cat "$log" >&2
        fail "$name: some of the requests were refused"
    fi
    if [[ $2 == distinct ]]; then
        local sent
        sent=$(awk '/requests in/ { print $1 }' "$log")
        ((sent < tokens)) || fail "$name: $sent requests with $tokens tokens"
    fi
    printf '| %-34s | %s | %s | %d |\n' "$name" "$(awk '/^Requests\/sec/ { print $2 }' "$log")" \
        "$(awk '$1 == "99%" { print $2 }' "$log")" "$(($(awk '/^VmHWM/ { print $2 }' "/proc/$server/status") / 1024))"
}

# All of them are refused.
flood() {
    TOKENS=$work/unknown wrk -t 1 -c 4 -d "$((seconds + 1))s" -s crates/bench/load.lua "$address/reports" \
        >"$work/flood.log" &
    flooding=$!
    started+=("$flooding")
}

rotate_soon() {
    (sleep "$((seconds / 2))" && echo rotate >&3) &
    started+=($!)
}

# Only tokens of the new key make the server fetch again, so this tells that they came.
assert_rotated() {
    grep -q rotated "$work/issuer.log" || fail "the keys did not rotate"
    curl -sf "$address/status" | grep -q '"generation":2' || fail "no token of the new key came"
}

await() {
    local tries
    for tries in {1..600}; do
        grep -q "$2" "$1" 2>/dev/null && return
        sleep 0.1
    done
    fail "no '$2' in a minute"
}

stop() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

install_wrk() {
    command -v wrk >/dev/null && return
    command -v apt-get >/dev/null || fail "wrk is missing, and there is no apt-get to install it"
    local as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends wrk >/dev/null
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

clean_up() {
    local process
    for process in "${started[@]}"; do
        stop "$process"
    done
    rm -rf "$work"
}

started=()
work=$(mktemp -d)
trap clean_up EXIT
main "$@"
