# SPDX-License-Identifier: GPL-2.0-or-later
# Checks of L1's own devices, sourced by L1's shell.  Each prints what it
# found, one "name value" per line, and leaves the judging to the host.

pci=/sys/bus/pci/devices

# busybox's shell prefers its own ip, which knows no namespaces.
ip() {
    /usr/bin/ip "$@"
}

# iommu_of BDF: what translates for a device, and its domain's type.
iommu_of() {
    echo "iommu $(basename "$(readlink $pci/$1/iommu)")"
    echo "type $(cat $pci/$1/iommu_group/type)"
}

# block_of BDF: the disk behind a PCI device, once it is there.
block_of() {
    local disk=
    until [ -b "/dev/$disk" ]; do
        for disk in $pci/$1/virtio*/block/* $pci/$1/nvme/nvme*/nvme*n1; do
            disk=${disk##*/}
            [ -b "/dev/$disk" ] && break
        done
        usleep 20000
    done
    echo $disk
}

sum() {
    sha256sum | cut -d' ' -f1
}

# disk_check DISK: the first 8 MiB as the host left them, then 8 MiB of our
# own behind them, read back past the cache in other sizes than written.
disk_check() {
    echo "found $(dd if=/dev/$1 bs=64k count=128 iflag=direct 2>/dev/null | sum)"
    dd if=/dev/urandom of=/tmp/data bs=64k count=128 2>/dev/null
    echo "made $(sum < /tmp/data)"
    dd if=/tmp/data of=/dev/$1 bs=64k seek=128 oflag=direct conv=fsync 2>/dev/null ||
        return
    echo "back $(dd if=/dev/$1 bs=4k skip=2048 count=2048 iflag=direct 2>/dev/null | sum)"
    rm /tmp/data
}

# nics_up DRIVER DRIVER: each driver's NIC in a network namespace of the
# driver's name, 10.0.0.1 and 10.0.0.2, the wire between them.
nics_up() {
    local driver nic n=0
    for driver; do
        n=$((n + 1))
        modprobe $driver || return
        until nic=$(ls /sys/bus/pci/drivers/$driver/*/net 2>/dev/null); do
            usleep 20000
        done
        ip netns add $driver
        ip link set $nic netns $driver
        ip -n $driver addr add 10.0.0.$n/24 dev $nic
        ip -n $driver link set $nic up
    done
    for driver; do
        until ip -n $driver link | grep -q LOWER_UP.*UP; do
            usleep 20000
        done
    done
}

# transfer FROM ADDRESS TO: 4 MiB over HTTP from one namespace, whose address
# is given, to another.
transfer() {
    mkdir -p /tmp/www
    dd if=/dev/urandom of=/tmp/www/file bs=64k count=64 2>/dev/null
    ip netns exec $1 httpd -f -p $2:80 -h /tmp/www &
    local server=$!
    until ip netns exec $3 wget -q -O /tmp/got http://$2/file; do
        usleep 50000
    done
    kill $server
    wait $server
    echo "sent $(sum < /tmp/www/file)"
    echo "got $(sum < /tmp/got)"
    rm -r /tmp/www /tmp/got
}

# vcpus: the threads of L2's vCPUs, in order.
vcpus() {
    local task
    for task in /proc/$(pidof $l2_name)/task/*; do
        case $(cat $task/comm) in CPU*KVM) echo "$(cat $task/comm) ${task##*/}";; esac
    done | sort -n -k 2 | cut -d' ' -f3
}

# pin: each vCPU of L2 to a CPU of its own.
pin() {
    local cpu=0 thread
    for thread in $(vcpus); do
        taskset -pc $cpu $thread >/dev/null || return
        cpu=$((cpu + 1))
    done
}

# roam FILE: move them from CPU to CPU, each to another one, until FILE is
# there; then say how often.
roam() {
    local cpus=$(nproc) threads=$(vcpus) first=0 moves=0 cpu thread
    while [ ! -e $1 ]; do
        cpu=$first
        for thread in $threads; do
            taskset -pc $((cpu % cpus)) $thread >/dev/null || return
            cpu=$((cpu + 1))
            moves=$((moves + 1))
        done
        first=$((first + 1))
        usleep 20000
    done
    echo "moves $moves"
}

kvm_exit=/sys/kernel/tracing/events/kvm/kvm_exit

# ipis_of CPU: how many it has taken, to reschedule or to call a function.
ipis_of() {
    awk -v field=$(($1 + 2)) '/^ *IPI[01]:/ { n += $field } END { print n }' /proc/interrupts
}

# others_of CPU: how many other interrupts it has taken, timers above all.
others_of() {
    awk -v field=$(($1 + 2)) '/^ *[0-9]+:/ { n += $field } END { print n }' /proc/interrupts
}

# count_exits: from now on.
count_exits() {
    echo '!hist:keys=common_pid,ret,esr_ec' > $kvm_exit/trigger 2>/dev/null
    echo 'hist:keys=common_pid,ret,esr_ec' > $kvm_exit/trigger
}

# exits_of THREAD: what made this vCPU leave L2 since then, and how often.
exits_of() {
    sed -n "s/^{ common_pid: *$1, ret: *\([0-9]*\), esr_ec: *\([0-9a-fx]*\) } hitcount: */\1 \2 /p" \
        $kvm_exit/hist
}
