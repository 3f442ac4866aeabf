#!/usr/bin/env bash
# Counts the instructions of decisions on tokens, and fails where they are more than 3 % over the baseline.
#
#   crates/bench/instructions.sh            compares with instructions.tsv
#   crates/bench/instructions.sh --renew    writes instructions.tsv anew
#
# Everything counts but the verification of the signature: that is AWS-LC's, it picks its code by the processor, and it
# is so dear that what is ours could double beside it unseen. The processor that valgrind pretends to be is always the
# same, so that what remains (libc, memchr) does not depend on the machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
baseline=$PWD/instructions.tsv

main() {
    case "${1:-}" in
    "" | --renew) ;;
    *) fail "usage: instructions.sh [--renew]" ;;
    esac
    [[ $(uname -m) == x86_64 ]] || fail "the baseline is of x86_64"
    install_valgrind
    (cd ../.. && cargo build --quiet --release -p claviger-bench --example instructions)
    count >"$work/now.tsv"
    if [[ ${1:-} == --renew ]]; then
        cp "$work/now.tsv" "$baseline"
        printf 'renewed: %s\n' "$baseline"
    else
        compare
    fi
}

# Lines of group, work and instructions for a token; without the bare signature, and of a layer without its router.
count() {
    valgrind --quiet --tool=callgrind --callgrind-out-file="$work/out" \
        --zero-before='*program::forgotten*' --dump-after='*program::written_down*' \
        --toggle-collect='*program::counted*' --toggle-collect='*parsed_verify_sig*' \
        ../../target/release/examples/instructions >"$work/order.tsv"
    local place=0 title name tokens anyway counted=()
    while IFS='|' read -r title name tokens anyway; do
        place=$((place + 1))
        counted[place]=$(awk '/^totals:/ { print $2 }' "$work/out.$place")
        case "$name" in
        "bare signature" | router) ;;
        *) printf '%s\t%s\t%d\n' "$title" "$name" \
            "$(((counted[place] - ${counted[${anyway:-0}]:-0}) / tokens))" ;;
        esac
    done < <(tr '\t' '|' <"$work/order.tsv")
}

compare() {
    awk -F '\t' -v most=3 '
        NR == FNR { before[$1 FS $2] = $3; next }
        !(($1 FS $2) in before) { printf "not in the baseline: %s, %s\n", $1, $2; wrong = 1; next }
        {
            over = ($3 / before[$1 FS $2] - 1) * 100
            verdict = over > most ? "MORE" : over < -most ? "less, renew the baseline" : ""
            printf "%-34s %-26s %7d -> %7d  %+6.2f %%  %s\n", $1, $2, before[$1 FS $2], $3, over, verdict
            if (over > most) wrong = 1
            delete before[$1 FS $2]
        }
        END {
            for (gone in before) { printf "only in the baseline: %s\n", gone; wrong = 1 }
            exit wrong
        }' "$baseline" "$work/now.tsv" || fail "if that is meant: crates/bench/instructions.sh --renew"
}

install_valgrind() {
    command -v valgrind >/dev/null && return
    command -v apt-get >/dev/null || fail "valgrind is missing, and there is no apt-get to install it"
    local as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends valgrind libc6-dbg >/dev/null
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
main "$@"
