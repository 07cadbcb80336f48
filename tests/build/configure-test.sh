#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# configure and the scripts under it, above all how they fail: each failure is
# one clear line, a non-zero status, and no tree that a second run takes for
# whole. Works on a copy of the checkout with a QEMU of a few files, so it is
# quick and builds nothing. Speaks TAP.
#
# usage: configure-test.sh CHECKOUT
# environment: QPT_CACHE, a cache that has meson unless the system's is enough

set -u
checkout=$(realpath "$1")
cache=${QPT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/qemu-passthrough}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp LC_ALL=C QPT_CACHE=$cache
unset CC PYTHON QPT_MIRROR

# --- TAP ---------------------------------------------------------------------

count=0
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        sed 's/^/# /' "$tmp/out"
    fi
}
skip() { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }

# run COMMAND...: its output in $tmp/out, its status in $status
run() { "$@" >"$tmp/out" 2>&1 9>&-; status=$?; }
says() { grep -qE -- "$1" "$tmp/out"; }
lines() { [ "$(wc -l <"$tmp/out")" -le "$1" ]; }

# fails NAME PATTERN COMMAND...: a status other than 0 and a line like PATTERN
fails() {
    local name=$1 pattern=$2
    shift 2
    run "$@"
    [ $status != 0 ] && says "$pattern"
    result $? "$name"
}
works() {
    local name=$1
    shift
    run "$@"
    result $status "$name"
}
holds() {
    local name=$1
    shift
    "$@" >"$tmp/out" 2>&1
    result $? "$name"
}

# --- A checkout and a QEMU small enough to play with --------------------------

new_checkout() {
    rm -rf "$tmp/co"
    mkdir -p "$tmp/co"/{hw/demo,patches}
    cp -r "$checkout"/{configure,scripts,meson.build,meson_options.txt,VERSION,LICENSE} "$tmp/co"
    mkdir "$tmp/co/tests"
    touch "$tmp/co/tests/meson.build"
    echo 'int ours;' >"$tmp/co/hw/demo/ours.c"
    cat >"$tmp/co/patches/0001-hook.patch" <<'EOF'
From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: QEMU Passthrough maintainers <maintainers@users.noreply.example>
Date: Sat, 1 Jan 2000 00:00:00 +0000
Subject: [PATCH] hook

Why.
---
 hw/arm/virt.c | 1 +
 1 file changed, 1 insertion(+)

diff --git a/hw/arm/virt.c b/hw/arm/virt.c
--- a/hw/arm/virt.c
+++ b/hw/arm/virt.c
@@ -1,3 +1,4 @@
 one
 two
+hook
 three
EOF
}

new_qemu() {
    rm -rf "$1"
    mkdir -p "$1"/{hw/arm,hw/demo,subprojects/keycodemapdb,configs/targets,pc-bios,python}
    echo "$2" >"$1/VERSION"
    printf 'one\ntwo\nthree\n' >"$1/hw/arm/virt.c"
    touch "$1/subprojects/keycodemapdb/README" "$1/pc-bios/bios-256k.bin" "$1/pythondeps.toml" \
        "$1"/configs/targets/{aarch64,x86_64}-softmmu.mak
    cat >"$1/configure" <<'EOF'
#!/bin/sh
echo configured >>"$0.runs"
touch build.ninja
EOF
    chmod +x "$1/configure"
}

conf() { (cd "$tmp/co" && ./configure --qemu-source="$tmp/qemu" "$@"); }
tree=$tmp/co/build/qemu-src
no_tree() { [ ! -e "$tree" ] && [ -z "$(find "$tmp/co/build" -name 'qemu-src*' 2>/dev/null)" ]; }
patched() { grep -q hook "$tree/hw/arm/virt.c"; }

new_checkout
new_qemu "$tmp/qemu" 10.0.7

# --- Options -----------------------------------------------------------------

fails 'unknown option' 'error: unknown option --frobnicate$' conf --frobnicate
lines 2; result $? 'unknown option: one line and what to do'
fails 'option without its value' '--prefix needs a value' conf --prefix
fails 'option with an empty value' '--prefix needs a value' conf --prefix=
fails 'relative prefix' '--prefix must be an absolute path' conf --prefix=usr
fails 'malformed target' "'x;y' is not a QEMU system target" conf '--targets=x;y'
fails 'build directory with a space' 'has a space' conf "--build-dir=$tmp/a b"
fails 'build directory that is the checkout' 'cannot be the checkout' conf --build-dir=.
holds 'nothing was made for them' no_tree
works 'help' "$tmp/co/configure" --help
for o in install-deps qemu-source build-dir targets prefix sanitizers debug mirror; do
    says "--$o"; result $? "help explains --$o"
done

# --- The source --------------------------------------------------------------

fails 'source that does not exist' 'no-such-place does not exist' conf --qemu-source="$tmp/no-such-place"
mkdir "$tmp/empty"
fails 'source that is not QEMU' 'empty is not a QEMU source tree' conf --qemu-source="$tmp/empty"
echo garbage >"$tmp/garbage.tar.xz"
fails 'source that is not an archive' 'garbage.tar.xz is neither' conf --qemu-source="$tmp/garbage.tar.xz"
for v in 9.2.3 10.0.50 10.1.0; do
    new_qemu "$tmp/other" $v
    fails "QEMU $v" "is QEMU $v; this series is for QEMU 10.0.x" conf --qemu-source="$tmp/other"
done
new_qemu "$tmp/other" 10.0.2
rm -r "$tmp/other/subprojects"
fails 'source without its subprojects' 'lacks QEMU.s subprojects' conf --qemu-source="$tmp/other"
tar -C "$tmp" -czf "$tmp/other.tar.gz" other
fails 'tarball without its subprojects' 'lacks QEMU.s subprojects' conf --qemu-source="$tmp/other.tar.gz"
head -c 100 "$tmp/other.tar.gz" >"$tmp/cut.tar.gz"
fails 'truncated tarball' 'error: ' conf --qemu-source="$tmp/cut.tar.gz"
holds 'no tree was left behind' no_tree

# --- Patches and links -------------------------------------------------------

sed -i 's/^ two/ 2/' "$tmp/co/patches/0001-hook.patch"
fails 'patch that does not apply' 'patches/0001-hook.patch does not apply to QEMU 10.0.7' conf
holds 'no tree was left behind' no_tree
sed -i 's/^ 2/ two/' "$tmp/co/patches/0001-hook.patch"

echo 'int theirs;' >"$tmp/qemu/hw/demo/ours.c"
fails 'file of ours where QEMU has one' 'QEMU has a file of its own at hw/demo/ours.c' conf
rm "$tmp/qemu/hw/demo/ours.c"

# Enough members to show a reader that stops early.
cp -r "$tmp/qemu" "$tmp/qemu-10.0.7"
mkdir "$tmp/qemu-10.0.7/many"
(cd "$tmp/qemu-10.0.7/many" && touch $(seq -f 'a-file-with-quite-a-long-name-%g' 4000))
tar -C "$tmp" -cJf "$tmp/qemu.tar.xz" qemu-10.0.7
works 'tarball' conf --qemu-source="$tmp/qemu.tar.xz" --build-dir="$tmp/from-tarball"
holds 'tarball: the patch is applied' grep -q hook "$tmp/from-tarball/qemu-src/hw/arm/virt.c"

works 'directory' conf
holds 'the patch is applied' patched
holds 'our file is linked' test "$tree/hw/demo/ours.c" -ef "$tmp/co/hw/demo/ours.c"
holds 'the build is set up' test -s "$tmp/co/build/build.ninja"

before=$(stat -c '%i %Z' "$tree" "$tmp/co/build/build.ninja" "$tree/hw/arm/virt.c" "$tree/configure.runs")
works 'a second run' conf
holds 'it does nothing anew' test "$before" = \
    "$(stat -c '%i %Z' "$tree" "$tmp/co/build/build.ninja" "$tree/hw/arm/virt.c" "$tree/configure.runs")"

fails 'target that QEMU does not have' 'QEMU has no target vax-softmmu' conf --targets=vax

echo 'int more;' >"$tmp/co/hw/demo/more.c"
mv "$tmp/co/hw/demo/ours.c" "$tmp/co/hw/demo/renamed.c"
works 'added and removed files' conf
holds 'the new file is linked' test "$tree/hw/demo/more.c" -ef "$tmp/co/hw/demo/more.c"
holds 'the gone one is unlinked' test ! -L "$tree/hw/demo/ours.c"

echo three-and-a-half >>"$tree/hw/arm/virt.c"
sed -i 's/^+hook/+hook 2/' "$tmp/co/patches/0001-hook.patch"
fails 'unsaved changes in the tree' 'has changes that are not in patches/' conf
holds 'they are still there' grep -q three-and-a-half "$tree/hw/arm/virt.c"
works 'unsaved changes, discarded' conf --discard
holds 'the changed patch is applied' grep -q 'hook 2' "$tree/hw/arm/virt.c"

# --- Refreshing patches ------------------------------------------------------

echo four >>"$tree/hw/arm/virt.c"
fails 'refresh with uncommitted changes' 'has uncommitted changes' "$tmp/co/scripts/refresh-patches"
works 'a fixup' git -C "$tree" commit -q -a --fixup=HEAD
works 'refresh' "$tmp/co/scripts/refresh-patches"
holds 'the patch has it' grep -q '^+four' "$tmp/co/patches/0001-hook.patch"

before=$(stat -c '%i %Z' "$tree/hw/arm/virt.c")
sed -i '0,/^---$/s//Said again.\n---/' "$tmp/co/patches/0001-hook.patch"
works 'a patch that only says it otherwise' conf
holds 'it is applied' test -n "$(git -C "$tree" log --format=%B | grep 'Said again')"
holds 'its files are not written again' test "$before" = "$(stat -c '%i %Z' "$tree/hw/arm/virt.c")"
holds 'the patch has no commit of ours in its name' grep -q '^From 0000000000000000000000000000000000000000 ' \
    "$tmp/co/patches/0001-hook.patch"
holds 'our links are in no patch' test -z "$(grep -l renamed.c "$tmp"/co/patches/*)"
sum=$(cat "$tmp"/co/patches/* | sha256sum)
works 'refresh again' "$tmp/co/scripts/refresh-patches"
holds 'it changes nothing' test "$sum" = "$(cat "$tmp"/co/patches/* | sha256sum)"
before=$(stat -c %i "$tree")
works 'configure takes the tree as it is' conf
holds 'it was not made anew' test "$before" = "$(stat -c %i "$tree")"

# --- Interruptions -----------------------------------------------------------

# A git that, at a chosen command, kills all that configure runs, as a power
# cut would. Only in a session of its own, so that nobody else is hit.
mkdir "$tmp/bin"
cat >"$tmp/bin/git" <<EOF
#!/bin/bash
for a; do
    if [ "\$a" = "\${KILL_AT-}" ]; then
        group=\$(ps -o pgid= -p \$\$)
        [ "\$group" = "\$(ps -o sid= -p \$\$)" ] && kill -9 -- -\${group// /}
    fi
done
exec $(command -v git) "\$@"
EOF
chmod +x "$tmp/bin/git"
# The shell would report the kill on its stderr.
killed_at() {
    (cd "$tmp/co" && KILL_AT=$1 PATH=$tmp/bin:$PATH setsid --wait ./configure --qemu-source="$tmp/qemu") >"$tmp/out" 2>&1
    [ $? = 137 ]
    result $? "killed at git $1"
}
for at in init add apply checkout; do
    rm -rf "$tmp/co/build"
    killed_at $at 2>/dev/null
    holds "killed at git $at: no tree" test ! -e "$tree"
    works "killed at git $at: the next run works" conf
    holds "killed at git $at: it is patched" patched
    holds "killed at git $at: nothing is left over" test -z "$(find "$tmp/co/build" -maxdepth 1 -name '*.tmp.*')"
done
for at in apply checkout; do
    sed -i 's/^+hook/+hook again/' "$tmp/co/patches/0001-hook.patch"
    killed_at $at 2>/dev/null
    works "killed at git $at of an update: the next run works" conf
    holds "killed at git $at of an update: it is patched" patched
done

# --- Cache and network -------------------------------------------------------

nowhere=http://127.0.0.1:9/debian
fails 'no network, empty cache' 'no network .*127.0.0.1:9' \
    env QPT_CACHE="$tmp/cache" "$tmp/co/configure" --build-dir="$tmp/b" --mirror=$nowhere
holds 'no tree was made' test ! -e "$tmp/b/qemu-src"
mkdir -p "$tmp/cache/trixie-source"
(cd "$tmp/cache/trixie-source" && echo x >qemu.dsc && sha256sum qemu.dsc >SHA256SUMS && echo y >qemu.dsc)
fails 'damaged cache' 'trixie-source is damaged: fetching it again' \
    env QPT_CACHE="$tmp/cache" "$tmp/co/configure" --build-dir="$tmp/b" --mirror=$nowhere
says 'error: .*no network'; result $? 'damaged cache, no network: says so'
(cd "$tmp/cache/trixie-source" && sha256sum qemu.dsc >SHA256SUMS)
works 'sound cache, no network' env QPT_CACHE="$tmp/cache" "$tmp/co/scripts/fetch" --mirror=$nowhere source

# --- Needs and disk ----------------------------------------------------------

mkdir "$tmp/path"
for d in /usr/bin /bin /usr/sbin /sbin; do
    find "$d/" -maxdepth 1 \( -type f -o -type l \) ! -name ninja ! -name mmdebstrap \
        ! -name aarch64-linux-gnu-gcc -exec ln -sf -t "$tmp/path" {} +
done
fails 'missing tools' '^apt-get install .*gcc-aarch64-linux-gnu .*ninja-build.* mmdebstrap' env PATH="$tmp/path" "$tmp/co/configure" \
    --build-dir="$tmp/b2"
holds 'no tree was made' test ! -e "$tmp/b2/qemu-src"

mkdir "$tmp/small"
if unshare -m mount -t tmpfs -o size=64k none "$tmp/small" 2>/dev/null; then
    on_small_disk() {
        unshare -m sh -c 'mount -t tmpfs -o size=64k none "$0" && exec "$@"' "$tmp/small" \
            "$tmp/co/configure" --build-dir="$tmp/small/b" --qemu-source="$tmp/qemu"
    }
    fails 'too little disk space' 'not enough disk space: .* needs about [0-9]+ MiB' on_small_disk
    small_cache() {
        unshare -m sh -c 'mount -t tmpfs -o size=1m none "$0" && QPT_CACHE="$0/c" exec "$@"' "$tmp/small" \
            "$tmp/co/scripts/fetch" source
    }
    fails 'too little space for downloads' 'not enough disk space: .* the download cache needs' small_cache
    dd if=/dev/urandom of="$tmp/qemu/big" bs=1024 count=128 status=none
    sed -i 's/^need_mib=.*/need_mib=0/' "$tmp/co/scripts/lib.sh"
    fails 'full disk' 'error: .*the disk is full' on_small_disk
else
    skip 'too little disk space' 'cannot mount a small disk here'
    skip 'too little space for downloads' 'cannot mount a small disk here'
    skip 'full disk' 'cannot mount a small disk here'
fi

echo "1..$count"
