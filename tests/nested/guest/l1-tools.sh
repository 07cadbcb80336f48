# SPDX-License-Identifier: GPL-2.0-or-later
# Commands for L1's shell.

PS1='L1# '

case $(uname -m) in
aarch64)
    L2_CONSOLE=/dev/ttyAMA1
    l2_name=qemu-system-aarch64
    l2_qemu="$l2_name -M virt,gic-version=host"
    l2_tty=ttyAMA0
    ;;
x86_64)
    L2_CONSOLE=/dev/ttyS1
    l2_name=qemu-system-x86_64
    l2_qemu="$l2_name -M q35"
    l2_tty=ttyS0
    ;;
esac

# to_vfio BDF: take a PCI device from its driver and give it to VFIO.
to_vfio() {
    local dev=/sys/bus/pci/devices/$1
    modprobe vfio_iommu_type1 && modprobe vfio-pci || return
    echo vfio-pci > $dev/driver_override
    if [ -e $dev/driver ]; then
        echo $1 > $dev/driver/unbind
    fi
    echo $1 > /sys/bus/pci/drivers_probe
    [ "$(basename "$(readlink $dev/driver)")" = vfio-pci ]
}

# pci_of CLASS: addresses of the PCI devices of a class, such as 0x0108.
pci_of() {
    local dev
    for dev in /sys/bus/pci/devices/*; do
        case $(cat $dev/class) in $1*) basename $dev;; esac
    done
}

# l2 CONSOLE BDF...: run an L2 that owns these devices, its console on CONSOLE.
l2() {
    local console=$1 args= bdf
    shift
    for bdf; do
        args="$args -device vfio-pci,host=$bdf"
    done
    [ -e /dev/kvm ] || modprobe kvm_amd 2>/dev/null || modprobe kvm_intel
    $l2_qemu -name l2,debug-threads=on -accel kvm -cpu host \
        -smp ${L2_SMP:-1} -m ${L2_MEM:-256} \
        -nodefaults -display none -serial $console \
        -kernel /l2/Image -initrd /l2/initrd \
        -append "console=$l2_tty loglevel=${L2_LOGLEVEL:-4} $L2_APPEND" $args ||
        echo "L1: error L2's QEMU ended with $?"
}
