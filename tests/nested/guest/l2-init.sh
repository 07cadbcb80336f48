#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-or-later
# L2's /init: read its whole disk, say what came and by how many interrupts,
# then do what the console says before powering off.  Each result is one line,
# "L2: name value".  The disk is its NVMe, or what l2_disk names.

/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
dmesg -n 5
stty -echo 2>/dev/null

echo "L2: up $(cut -d' ' -f1 /proc/uptime)"
while read -r module; do
    insmod "/modules/$module" || echo "L2: error insmod $module"
done < /modules/order

disk=${l2_disk:-nvme0n1}
until [ -b /dev/$disk ]; do
    usleep 20000
done
# Of the disk, whatever its driver calls them
irqs() {
    awk '/nvme|virtio.*req/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' \
        /proc/interrupts
}

bytes=$(blockdev --getsize64 /dev/$disk)
echo "L2: reading $bytes"
sum=$(dd if=/dev/$disk bs=32k iflag=direct 2>/tmp/dd | sha256sum | cut -d' ' -f1)
if grep -q 'I/O error\|rror' /tmp/dd; then
    echo "L2: error $(grep rror /tmp/dd)"
fi
echo "L2: bytes $bytes"
echo "L2: sha256 $sum"
echo "L2: interrupts $(irqs)"
echo "L2: done"

# Run each line that comes and answer with its status; "off" is the last.
. /checks
while IFS= read -r line; do
    [ "$line" = off ] && break
    eval "$line"
    echo "@@$?"
done
poweroff -f
