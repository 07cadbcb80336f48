#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# scripts/check on a project of made-up tests, one for each way in which a
# test can end: none may be lost from the count. Speaks TAP.
#
# usage: check-test.sh CHECKOUT BUILD

set -u
checkout=$(realpath "$1")
build=$(realpath "$2")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

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
says() { grep -qE -- "$1" "$tmp/out"; }

made_up() {
    printf '#!/bin/sh\n%s\n' "$2" >"$tmp/$1"
    chmod +x "$tmp/$1"
    echo "test('$1', find_program('$1'), protocol: '${3:-tap}', timeout: 2, suite: 'some')" >>"$tmp/meson.build"
}

echo "project('made-up')" >"$tmp/meson.build"
made_up good 'echo 1..3; echo ok 1 - a; echo ok 2 - b; echo ok 3 - c'
made_up skips 'echo 1..2; echo ok 1 - a; echo "ok 2 - b # SKIP no such device"'
made_up plain 'exit 0' exitcode
"$build/pyvenv/bin/meson" setup "$tmp/b" "$tmp" >"$tmp/out" 2>&1
result $? 'a project is set up'
ln -s "$build/pyvenv" "$tmp/b/pyvenv"
echo "QPT_CACHE=$tmp/cache" >"$tmp/b/config.sh"
check() { "$checkout/scripts/check" --build-dir="$tmp/b" "$@" >"$tmp/out" 2>&1; }

check
result $? 'nothing fails: status 0'
[ "$(tail -n 1 "$tmp/out")" = '5 passed, 0 failed, 1 skipped' ]
result $? 'subtests are counted'
says '^skipped: skips b \(no such device\)$'
result $? 'what is skipped is named, with the reason'

made_up fails 'echo 1..2; echo ok 1 - a; echo not ok 2 - b; exit 1'
made_up dies 'echo 1..2; echo ok 1 - a; kill -9 $$'
made_up hangs 'echo 1..2; echo ok 1 - a; sleep 60'
made_up stops-short 'echo 1..2; echo ok 1 - a'
made_up bails-out 'echo "Bail out! no way"; exit 1'
made_up lies 'echo 1..1; echo ok 1 - a; exit 3'
made_up exits 'exit 1' exitcode
"$build/pyvenv/bin/meson" setup --reconfigure "$tmp/b" "$tmp" >"$tmp/out" 2>&1
result $? 'tests that fail are added'

check
[ $? != 0 ]
result $? 'some fail: another status'
[ "$(tail -n 1 "$tmp/out")" = '10 passed, 7 failed, 1 skipped' ]
result $? 'each failure is counted once'
says "^failed: fails b \(see $tmp/b/test-logs/fails.log\)$"
result $? 'a failed subtest is named, with its log'
for name in dies hangs stops-short bails-out lies exits; do
    says "^failed: $name \(.*see $tmp/b/test-logs/$name.log\)$"
    result $? "a test that $name is named, with its log"
done
grep -q 'ok 1 - a' "$tmp/b/test-logs/dies.log"
result $? 'the log has what the test printed'
check --suite none
! says '[1-9][0-9]* passed'
result $? 'a suite without tests passes nothing'

echo "1..$count"
