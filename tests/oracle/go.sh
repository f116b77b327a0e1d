#!/bin/sh
# Runs the Go that the oracles are built with: a `go` on PATH if it is recent
# enough, else the one deploy/setup unpacked. Exit status 127 without either.

tree=$(cd "$(dirname "$0")/../.." && pwd) || exit
need=1.26.6

recent() {
    have=$("$1" env GOVERSION 2>/dev/null) || return 1
    [ "$(printf '%s\n' "$need" "${have#go}" | sort -V | head -n 1)" = "$need" ]
}

export GOTOOLCHAIN=local GOFLAGS="-buildvcs=false -mod=readonly"
if [ -z "${HOME:-}" ]; then
    export GOPATH="$tree/build/tools/gopath" GOCACHE="$tree/build/tools/gocache"
fi
for go in go "$tree"/build/tools/golang/usr/lib/go-*/bin/go; do
    if recent "$go"; then
        exec "$go" "$@"
    fi
done
echo "go.sh: no Go of at least $need: run deploy/setup" >&2
exit 127
