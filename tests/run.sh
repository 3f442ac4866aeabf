#!/usr/bin/env bash
# Every check of this repository, from any directory; the first failure ends it.
# On Debian or Ubuntu with Rust, what is missing is installed first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TERM_PROGRESS_WHEN=never
# Another compiler than the one whose messages are expected fails here, and elsewhere skips them.
export UI_TOOLCHAIN=required
# What the quickstart is not to build, and what needs redis-server.
heavy=(--features claviger-examples/grpc,claviger-examples/mutual-tls,claviger-examples/redis,claviger-tests/redis)
openssl_only=(--no-default-features --features native-tls)

main() {
    step "tools" install_tools
    step "dependencies" cargo fetch --quiet --locked
    step "format" cargo fmt --all --check
    step "clippy" cargo clippy --quiet --workspace --all-targets "${heavy[@]}" -- -D warnings
    step "clippy, OpenSSL alone" cargo clippy --quiet -p claviger-core -p claviger -p claviger-exchange --all-targets \
        "${openssl_only[@]}" -- -D warnings
    step "clippy, browser" cargo clippy --quiet -p claviger-tests --features browser --all-targets -- -D warnings
    step "tests" run_tests --workspace "${heavy[@]}"
    step "tests, OpenSSL alone" run_tests -p claviger-core -p claviger-tests "${openssl_only[@]}"
    step "browser" run_tests -p claviger-tests --features browser --test browser
    step "concurrency" explore_concurrency
    # Without --no-dev-deps, which rewrites the manifests while it runs: the resolver already
    # keeps the features of dev-dependencies out of a plain check.
    step "each feature alone" cargo hack --quiet --each-feature check --quiet \
        -p claviger-core -p claviger-macros -p claviger-providers -p claviger -p claviger-exchange -p claviger-redis
    step "OpenSSL is the only cryptographic library" refuse_other_cryptography
    step "documentation" env RUSTDOCFLAGS="-D warnings" \
        cargo doc --quiet --workspace --no-deps --document-private-items
    step "licences, bans, sources" cargo deny --offline check licenses bans sources
    step "interoperability" run_interop
    printf '\nall checks passed\n'
}

step() {
    current=$1
    local start=$SECONDS
    shift
    printf '\n== %s\n' "$current"
    "$@"
    printf -- '-- %s: %d s\n' "$current" "$((SECONDS - start))"
}

report_failure() {
    local status=$?
    if ((status != 0)); then
        printf '\nFAILED: %s (exit status %d)\n' "${current:-start}" "$status" >&2
    fi
}

install_tools() {
    has cargo || fail "Rust is missing; install it with rustup"
    install_debian_packages
    node_is_current || install_node
    has_cargo_command fmt || rustup component add rustfmt
    has_cargo_command clippy || rustup component add clippy
    has_cargo_command deny || cargo install --quiet --locked --debug cargo-deny
    has_cargo_command hack || cargo install --quiet --locked --debug cargo-hack
    rustc --version
    printf 'node %s\n' "$(node --version)"
}

install_debian_packages() {
    local missing=() as_root=()
    has cc || missing+=(build-essential)
    has curl || missing+=(curl)
    has pkg-config || missing+=(pkg-config)
    pkg-config --exists openssl 2>/dev/null || missing+=(libssl-dev)
    has node || missing+=(nodejs)
    has npm || missing+=(npm)
    has chromium || missing+=(chromium)
    has redis-server || missing+=(redis-server)
    if ((${#missing[@]} == 0)); then
        return
    fi
    has apt-get || fail "missing, and there is no apt-get to install them: ${missing[*]}"
    if ((EUID != 0)); then
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

node_is_current() {
    node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'
}

# Distributions may have an older one; npm has each as a package.
install_node() {
    npm install --no-audit --no-fund --loglevel=error --prefix target/tools node@22
    PATH=$PWD/target/tools/node_modules/.bin:$PATH
    node_is_current || fail "node $(node --version) is too old; 20 or newer is needed"
}

# Built quietly, then run with one line for each test binary.
run_tests() {
    cargo test --quiet --no-run "$@"
    cargo test "$@" -- --quiet
}

# A scheduler tries orders of events, in a build of its own; a failure prints how to run that order again.
explore_concurrency() {
    RUSTFLAGS="--cfg shuttle" run_tests -p claviger-core --lib --no-default-features --target-dir target/shuttle \
        keys::remote::race
}

refuse_other_cryptography() {
    local tree
    tree=$(cargo tree -p claviger -p claviger-exchange -p claviger-redis "${openssl_only[@]}" -e normal --prefix none)
    if grep -E '^(aws-lc-|ring |rustls |jsonwebtoken )' <<<"$tree"; then
        fail "these came in beside OpenSSL"
    fi
}

run_interop() {
    cargo build --quiet --example resource_server --example on_behalf_of --example many_issuers
    cd tests/interop
    npm ci --no-audit --no-fund --loglevel=error
    npm test
}

has() {
    command -v "$1" >/dev/null
}

# Asked by running it: rustup puts a program of the name there even without the component.
has_cargo_command() {
    cargo "$1" --version >/dev/null 2>&1
}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

trap report_failure EXIT
main "$@"
