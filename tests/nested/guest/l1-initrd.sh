#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# L1's /init: load the root disk's drivers, mount it read-only, go there.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys

while read -r module; do
    # A kernel of one's own may have the driver built in.
    insmod "/modules/$module" 2>/dev/null
done < /modules/order

mkdir /newroot
until root=$(findfs LABEL=l1root 2>/dev/null); do
    usleep 20000
done
if ! mount -t ext4 -o ro "$root" /newroot; then
    echo "L1: error cannot mount $root"
    exec sh
fi

umount /proc /sys
mount -o move /dev /newroot/dev
exec switch_root /newroot /sbin/init
