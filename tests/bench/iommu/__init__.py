# SPDX-License-Identifier: GPL-2.0-or-later
"""IOMMU models beside one another, each driven without a guest."""
