#!/bin/sh
# Says in one clear line what this machine lacks, and how to get it; as root on Debian, gets it.
#
# usage: deps.sh dev     what `make dev` needs
#        deps.sh test    and what the suites need
set -u
cd "$(dirname "$0")/.."
scope=${1:-test}

# Before anything is built for minutes. Without Node the question comes too early.
listens() { node -e 'require("node:net").connect(8787, "localhost").on("connect", () => process.exit(0)).on("error", () => process.exit(1))'; }
if [ "$scope" = dev ] && listens 2>/dev/null; then
    echo "deps: port 8787 is taken: end what listens there (another \`make dev\`?)" >&2
    exit 1
fi
channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)

has() { command -v "$1" >/dev/null 2>&1; }
has_postgres() {
    has initdb && has postgres && return
    for bin in "${POSTGRES_VERSIONS:-/usr/lib/postgresql}"/*/bin; do
        [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && return
    done
    return 1
}
# wrangler asks for 20.3.
has_node() { has npm && node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 3) ? 0 : 1)'; }
has_python() {
    "${PYTHON:-python3}" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
}

# want <name for a reader> <Debian package, or - where Debian's does not do> <test of it...>
missing='' packages=''
want() {
    name=$1 package=$2
    shift 2
    "$@" 2>/dev/null && return
    missing="$missing${missing:+, }$name"
    [ "$package" = - ] || packages="$packages $package"
}
look() {
    missing='' packages=''
    want 'rustup (https://rustup.rs)' - has rustup
    want 'Node 20 (20.3) or newer with npm (https://nodejs.org)' - has_node
    want 'Python 3.11 or newer with venv (https://www.python.org, or PYTHON=...)' - has_python
    want 'a C compiler' build-essential has cc
    want 'pkg-config' pkg-config has pkg-config
    want 'the OpenSSL headers' libssl-dev pkg-config --exists openssl
    [ "$scope" = dev ] && return
    want 'PostgreSQL (initdb, postgres; tests only)' postgresql has_postgres
    want 'zbarimg (tests only)' zbar-tools has zbarimg
    want 'oathtool (tests only)' oathtool has oathtool
    want 'curl (tests only)' curl has curl
    want 'valgrind (tests only)' valgrind has valgrind
    want 'qemu-aarch64 (tests only)' qemu-user has qemu-aarch64
    want 'Chromium (tests only)' chromium has chromium
}

look
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && has apt-get; then
    echo "deps: apt-get install$packages"
    export DEBIAN_FRONTEND=noninteractive
    # The word splitting is meant: one package a word.
    # shellcheck disable=SC2086
    { apt-get update && apt-get install --yes --no-install-recommends $packages; } >/dev/null
    look
fi
if [ -n "$missing" ]; then
    how=''
    [ -n "$packages" ] && how="; on Debian: apt-get install$packages"
    echo "deps: missing: $missing$how" >&2
    exit 1
fi

# rust-toolchain.toml names these; rustup does not always fetch by itself what it lacks.
installed=$(rustup component list --toolchain "$channel" --installed 2>/dev/null) || {
    echo "deps: fetching Rust $channel"
    rustup toolchain install "$channel" --profile minimal --no-self-update || exit 1
}
components='rustfmt clippy rust-std-wasm32-unknown-unknown'
[ "$scope" = test ] && components="$components rust-std-aarch64-unknown-linux-musl"
for component in $components; do
    case $installed in
        *"$component"*) ;;
        *)
            echo "deps: fetching $component for Rust $channel"
            rustup component add "$component" --toolchain "$channel" || exit 1
            ;;
    esac
done
