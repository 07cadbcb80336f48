#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# L1's init: the least that KVM, VFIO and QEMU ask for, then a shell on the
# console.  The root is read-only; what changes lives in tmpfs.

export PATH=/run/bin:/usr/sbin:/usr/bin HOME=/run
bb=/usr/bin/busybox
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
$bb mount -t tmpfs tmp /tmp
$bb mount -t tmpfs run /run
$bb mkdir -p /run/bin /run/netns /dev/pts /dev/shm
$bb --install -s /run/bin
mount -t devpts devpts /dev/pts
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
hostname L1
ip link set lo up

# Warnings still reach the console; dmesg has all.
dmesg -n 5
stty -echo
. /etc/profile
echo "L1: ready"

# Run each line that comes and answer with its status.  The line "shell" is
# for people: it gives them an interactive one.
shell() {
    stty sane
    ENV=/etc/profile setsid -c sh -i
    stty -echo
}
while :; do
    while IFS= read -r line; do
        eval "$line"
        echo "@@$?"
    done
done
