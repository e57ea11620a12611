/* Decides what follows when the network says that nobody runs IKE at an address. Pure. */
#include "btnsd/latch/keying/absence.h"

enum absence_next absence_next(const struct absence *a)
{
    if (a->answer == PORT_SILENT || a->known)
        return ABSENCE_IGNORED;
    return a->preferred || a->times > 1 ? ABSENCE_ENDS : ABSENCE_AGAIN;
}
