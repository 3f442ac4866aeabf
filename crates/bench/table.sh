#!/usr/bin/env bash
# Prints the table of times, ratios and allocations, and draws the chart of it.
#
#   crates/bench/table.sh [--peers] [--rounds N] [--chart FILE]
#
# With --peers, other middleware is measured in the same run; its packages are fetched and built first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

main() {
    local peers=false rounds=1001 chart=
    while (($#)); do
        case "$1" in
        --peers) peers=true ;;
        --rounds) rounds=${2:?} && shift ;;
        --chart) chart=${2:?} && shift ;;
        *) printf 'usage: table.sh [--peers] [--rounds N] [--chart FILE]\n' >&2 && exit 2 ;;
        esac
        shift
    done

    cargo build --quiet --release -p claviger-bench --examples
    local programs=target/release/examples group="first-seen RS256" title="RS256, one token, in µs"
    "$programs/time" --lines --rounds "$rounds" >"$work/times"
    "$programs/allocations" --lines >"$work/allocations"
    if $peers; then
        cargo build --quiet --release --manifest-path crates/bench/peers/Cargo.toml --target-dir target
        group="peers" title="RS256 through one axum route: µs for a token, over the route without a layer"
        with_peers "$rounds"
    fi
    "$programs/table" ${chart:+--chart "$chart" "$group" "$title"} "$work"/*
}

# Twice, because the cryptography of two peers can be chosen, once for each process.
with_peers() {
    local programs=target/release
    "$programs/time" --lines --rounds "$1" >"$work/times.peers"
    "$programs/allocations" --lines >"$work/allocations.peers"
    BACKEND=rust-crypto "$programs/time" --lines --rounds "$(($1 / 10 + 1))" >"$work/times.peers.rust-crypto"
    BACKEND=rust-crypto "$programs/allocations" --lines >"$work/allocations.peers.rust-crypto"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
main "$@"
