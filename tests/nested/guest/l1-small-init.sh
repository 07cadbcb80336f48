#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# /init of an L1 that has no disk: drivers, then a shell on the console that
# answers each line with its status, as the other L1's does.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /tmp

while read -r module; do
    options=
    # Its queues must be of a page, since a 32-bit kernel maps but the first one
    # of a coherent buffer behind an IOMMU.
    [ "$module $(uname -m)" = "nvme.ko armv7l" ] && options=io_queue_depth=16
    insmod "/modules/$module" $options
done < /modules/order

. /etc/l1-checks
stty -echo
echo "L1: ready"
while :; do
    while IFS= read -r line; do
        eval "$line"
        echo "@@$?"
    done
done
