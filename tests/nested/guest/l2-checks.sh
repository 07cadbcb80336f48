# SPDX-License-Identifier: GPL-2.0-or-later
# Commands for tests in L2; results are lines "name value".

# reads COUNT: 4 KiB each, one after the other, past the cache.
reads() {
    local before=$(irqs)
    dd if=/dev/$disk of=/dev/null bs=4k count=$1 iflag=direct 2>/tmp/dd || return
    echo "interrupts $(($(irqs) - before))"
}

# ipis_of CPU: how many it has taken, to reschedule or to call a function.
ipis_of() {
    awk -v field=$(($1 + 2)) '/^ *IPI[01]:/ { n += $field } END { print n }' /proc/interrupts
}

# ipis COUNT: CPU 0 wakes a task on CPU 1 so many times, while CPU 1 has
# something else to do, so that it never waits for an interrupt.
ipis() {
    local before=$(ipis_of 1) busy
    mkfifo /tmp/ipis
    taskset 2 nice -n 19 sh -c 'while :; do :; done' &
    busy=$!
    taskset 2 cat < /tmp/ipis > /dev/null &
    # Each time late enough for it to sleep again
    taskset 1 awk -v n=$1 'BEGIN { while (n--) {
        print "x"; fflush(); for (i = 0; i < 200; i++) { } } }' > /tmp/ipis
    kill $busy
    wait
    rm /tmp/ipis
    echo "ipis $(($(ipis_of 1) - before))"
}

# verified ROUND...: for each, write 256 KiB to the disk that nothing has had
# before, read it back past the cache, and compare; any difference is told.
verified() {
    local round
    for round; do
        dd if=/dev/urandom of=/tmp/data bs=64k count=4 2>/dev/null
        dd if=/tmp/data of=/dev/$disk bs=64k seek=$((round % 64 * 4)) oflag=direct 2>/dev/null ||
            echo "L2: error writing in round $round"
        dd if=/dev/$disk of=/tmp/back bs=4k skip=$((round % 64 * 64)) count=64 iflag=direct \
            2>/dev/null
        cmp /tmp/data /tmp/back || echo "L2: error in round $round"
    done
}

# traffic: rounds of the above until traffic_ends, with a line for each.
traffic() {
    local round=0
    rm -f /tmp/end
    while [ ! -e /tmp/end ]; do
        verified $round
        round=$((round + 1))
        echo $round > /tmp/rounds.new && mv /tmp/rounds.new /tmp/rounds
    done
    echo "rounds $round"
}

# What the kernel says when the interrupt of a disk is lost
timeouts() {
    echo "timeouts $(dmesg | grep -c 'nvme.*timeout\|I/O error\|completion polled')"
}
