# SPDX-License-Identifier: GPL-2.0-or-later
#
# What configure and the scripts share: messages, failing with a reason, the
# download cache, the private apt root and the git identity of the assembled
# tree. Sourced by bash scripts, never run.
#
# Every failure ends in fail(): one line that says what is wrong and one that
# says what to do, on stderr, and a non-zero status.

project=qemu-passthrough
suite=trixie            # the Debian release that carries QEMU 10.0 LTS
me=${QPT_ME:-$(basename "$0")}    # whom the user ran, and would run again

say() { printf '%s\n' "$*" >&2; }

# fail WHAT [WHAT-TO-DO]
fail() {
    printf '%s: error: %s\n' "$me" "$1" >&2
    [ -z "${2-}" ] || printf '%s: %s\n' "$me" "$2" >&2
    exit 1
}

# Where downloads are kept, so that a second clone needs no network.
cache_dir() {
    printf '%s\n' "${QPT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/$project}"
}

# step WHAT COMMAND...: say WHAT, run COMMAND with its output in $log; when it
# fails, explain() finds the reason in that output and ends the script.
step() {
    local what=$1 from
    shift
    say "$what"
    from=$(log_size)
    printf '+ %s\n' "$*" >>"$log" || explain "$what" 0
    "$@" >>"$log" 2>&1 || explain "$what" "$from"
}

log_size() { stat -c %s "$log" 2>/dev/null || echo 0; }

# explain WHAT FROM: the usual reasons, from the log's bytes after FROM.
explain() {
    local what=$1 out full= disk=${disk:-$(dirname "$log")}
    out=$(tail -c +$(($2 + 1)) "$log" 2>/dev/null || true)
    case $out in
    *'No space left on device'* | *'not enough free space'* | *'Disk quota exceeded'*) full=yes ;;
    *) [ "$(free_mib "$disk" || echo 16)" -ge 16 ] || full=yes ;;
    esac
    [ -z "$full" ] || fail "$what: the disk is full: $(free_space "$disk"), a build needs about $need_mib MiB" \
        "free some space and run $me again"
    case $out in
    *'Could not resolve'* | *'Temporary failure resolving'* | *'Could not connect'* | \
    *'Unable to connect'* | *'onnection timed out'* | *'onnection refused'* | \
    *'Network is unreachable'* | *'Cannot initiate the connection'*)
        fail "$what: no network (${mirror:-the Debian mirror} cannot be reached)" \
             "connect, or name a mirror with --mirror=URL, or give a source with --qemu-source, and run $me again"
        ;;
    esac
    # A program's own last words are the best reason there is.
    out=$(printf '%s\n' "$out" | grep -iE '(^|[^a-z-])(error|fatal|E:|failed|cannot)' |
        grep -v 'meson setup failed' | tail -n 1 || true)
    fail "$what: ${out:-failed}" "all its output is in $log"
}

need_mib=4096           # sources, objects and guest images of one build

free_mib() { df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4; found = 1 } END { exit !found }'; }
free_space() { printf '%s has %s MiB free' "$(df -P "$1" | awk 'NR == 2 { print $6 }')" "$(free_mib "$1")"; }

# check_space DIR MIB FOR OPTION
check_space() {
    local free
    free=$(free_mib "$1") || return 0
    [ "$free" -ge "$2" ] ||
        fail "not enough disk space: $(free_space "$1"), $3 needs about $2 MiB" \
             "free some space or choose another place with $4=DIR"
}

# One user of a directory at a time: lock FILE WHAT
lock() {
    exec 9>"$1" || fail "cannot write $1" "check its permissions and free space"
    flock -n 9 || {
        say "$me: waiting for another run that uses $2"
        flock 9
    }
}

# --- The assembled tree's git ------------------------------------------------

# The user's git settings (hooks, signing, line endings, aliases) must not
# change what is assembled; names and dates in it are the project's own.
tree_git() {
    GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
    GIT_AUTHOR_NAME='QEMU Passthrough maintainers' \
    GIT_AUTHOR_EMAIL='maintainers@users.noreply.example' \
    GIT_COMMITTER_NAME='QEMU Passthrough maintainers' \
    GIT_COMMITTER_EMAIL='maintainers@users.noreply.example' \
    GIT_TERMINAL_PROMPT=0 TZ=UTC LC_ALL=C command git "$@"
}

# Names the content of patches/: the assembled tree is whole if it has this.
series_id() {
    (cd "$1/patches" 2>/dev/null && find . -name '*.patch' -print0 | sort -z |
        xargs -0r sha256sum) | sha256sum | cut -c1-16
}
