#!/bin/sh
# README's lines on a Debian 12 that has nothing: a debootstrap of minbase with
# ca-certificates and git, a clone of HEAD inside, once as root, who also boots a
# machine, and once as a user whose sudo may run apt-get alone. Needs root and
# debootstrap (sh deploy/setup fresh); takes some minutes and network for packages.
#
#   sh tests/fresh.sh [root] [user]      both without an argument
#
# Prints each thing it proved; the last line is "fresh: N passed, N failed".
# Everything runs in a process and mount namespace that ends with this script.

set -u

if [ "$(id -u)" != 0 ]; then
    echo "fresh: needs root, for debootstrap and mounts" >&2
    exit 2
fi
if [ "${FRESH_INSIDE:-}" = "" ]; then
    FRESH_INSIDE=1 exec unshare --mount --pid --fork --kill-child \
        --propagation private sh "$0" "$@"
fi

tree=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'umount -R "$work"/* 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0

# proves TEXT COMMAND...: counts whether the command succeeds
proves() {
    text=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "  proved: $text"
    else
        failed=$((failed + 1))
        echo "  FAILED: $text"
    fi
}

sources() {
    (cd "$work/$who/etc/apt" && find . -type f ! -name '*~' -exec sha256sum {} + |
        sort)
}

# The host's way to its packages comes along, as do the roots it trusts.
make_base() {
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' |
        sort -u | head -n 1)
    debootstrap --variant=minbase --include=ca-certificates,git bookworm \
        "$work/base" "$mirror" >"$work/debootstrap.log" 2>&1 || {
        tail -n 20 "$work/debootstrap.log" >&2
        return 1
    }
    rm -f "$work/base/etc/apt/sources.list"
    for part in sources.list sources.list.d trusted.gpg.d keyrings; do
        if [ -e "/etc/apt/$part" ]; then
            cp -a "/etc/apt/$part" "$work/base/etc/apt/"
        fi
    done
    cp -a /usr/share/keyrings "$work/base/usr/share/"
    cp -a /usr/local/share/ca-certificates "$work/base/usr/local/share/"
    cp -L /etc/resolv.conf /etc/hosts "$work/base/etc/"
    chroot "$work/base" update-ca-certificates >/dev/null 2>&1
}

# run COMMAND: as $who on a machine of its own, with a login environment, logged.
# A root that was pivoted to, as a real one: in a chroot nobody may make a user
# namespace.
run() {
    case $who in
    root) login=root ;;
    user) login=admin ;;
    esac
    began=$(date +%s)
    unshare --mount --propagation private sh -c \
        'cd "$1" && pivot_root . mnt && umount -l /mnt &&
            exec su - "$2" -c "$3"' sh "$work/$who" "$login" "cd edge && $1" \
        >"$work/$who.log" 2>&1 </dev/null
    status=$?
    echo "  $(($(date +%s) - began)) s: $1: $(tail -n 1 "$work/$who.log")"
    if [ $status != 0 ]; then
        tail -n 60 "$work/$who.log" | sed 's/^/    /'
    fi
    return $status
}

prepare() {
    cp -a "$work/base" "$work/$who"
    # As a real root is: what makes mount namespaces wants a mount point there.
    mount --bind "$work/$who" "$work/$who"
    mount -t proc proc "$work/$who/proc"
    mount -t devpts -o ptmxmode=0666,mode=620,gid=5 devpts "$work/$who/dev/pts"
    ln -sf pts/ptmx "$work/$who/dev/ptmx"
    case $who in
    root)
        home=/root
        # What QEMU's network needs, and a mount of its own does not bring.
        mkdir -p "$work/root/dev/net"
        mknod "$work/root/dev/net/tun" c 10 200
        ;;
    user)
        home=/home/admin
        chroot "$work/$who" sh -c 'apt-get -qq update &&
            apt-get -qq -y --no-install-recommends install sudo &&
            useradd -m -s /bin/sh admin' >"$work/$who.log" 2>&1 || return 1
        echo 'admin ALL=(root) NOPASSWD:SETENV: /usr/bin/apt-get' \
            >"$work/$who/etc/sudoers.d/admin"
        ;;
    esac
    git clone -q --no-hardlinks "$tree" "$work/$who$home/edge" || return 1
    chroot "$work/$who" chown -R --reference="$home" "$home/edge"
}

has_none() {
    for program in make cc python3 go nginx; do
        if chroot "$work/$who" sh -c "command -v $program" >/dev/null; then
            return 1
        fi
    done
}

no_service() {
    ! grep -qsE '^Name:.*(nginx|etcd)' "$work/$who"/proc/[0-9]*/status
}

same_sources() {
    [ "$(sources)" = "$before" ]
}

silent() {
    run "sh deploy/setup test" && [ ! -s "$work/$who.log" ]
}

last_line_is() {
    tail -n 1 "$work/$who.log" | grep -Eq "$1"
}

builds_nothing() {
    run "make all tools" && ! grep -qE '^  (cc|ld|go|nginx) ' "$work/$who.log"
}

round() {
    who=$1
    echo "fresh, as $who:"
    prepare || {
        failed=$((failed + 1))
        tail -n 20 "$work/$who.log"
        return
    }
    proves "the system has no make, cc, python3, go, nginx" has_none
    before=$(sources)
    proves "sh deploy/setup && make run" run "sh deploy/setup && make run"
    proves "the lab had no surprise" last_line_is ' 0 surprises$'
    if [ "$who" = root ]; then
        proves "make boot CASE=1" run "make boot CASE=1"
        proves "the machine booted" last_line_is '^1 passed, 0 failed$'
    fi
    proves "no service was started" no_service
    proves "policy-rc.d is gone" test ! -e "$work/$who/usr/sbin/policy-rc.d"
    proves "sh deploy/setup test && make check" \
        run "sh deploy/setup test && make check"
    proves "every test passed" last_line_is '^[0-9]+ passed, 0 failed$'
    proves "setup has nothing to say the second time" silent
    proves "make has nothing to build the second time" builds_nothing
    proves "apt's sources are as they were" same_sources
    umount -R "$work/$who"
    rm -rf --one-file-system "${work:?}/$who"
}

echo "fresh: debootstrap"
make_base || exit 1
for which in ${*:-root user}; do
    case $which in
    root | user) round "$which" ;;
    *)
        echo "usage: fresh.sh [root] [user]" >&2
        exit 2
        ;;
    esac
done
echo "fresh: $passed passed, $failed failed"
[ "$failed" = 0 ]
