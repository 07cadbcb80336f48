/*
 * query-smmuv2 of a QEMU without an SMMUv2: there are none
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/qapi-commands-smmuv2.h"

Smmuv2InfoList *qmp_query_smmuv2(Error **errp)
{
    return NULL;
}
