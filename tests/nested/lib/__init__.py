# SPDX-License-Identifier: GPL-2.0-or-later
"""What the demo and the nested tests share.

    arm, x86  options -> L0's command line
    machine   command line -> a running L0 with consoles and QMP
    counters  QMP -> what the IOMMU and the GIC counted
    progress  stages -> a human's terminal
    tap       results -> a test harness

Each knows only those above it that its line names.
"""
