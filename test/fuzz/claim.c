/*
 * Fuzzes the parser of the claim in an introduction: it reads within bounds, and believes no
 * statement without a valid signature.
 */
#include "btnsd/ike/keys/rotation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rotation r;
    uint8_t claim[CLAIM_MAX], id[CLAIM_ID_MAX];
    if (rotation_read(data, size, &r)) {
        demand(r.links <= CLAIM_LINKS && size == CLAIM_KEY + r.links * CLAIM_LINK);
        demand(rotation_write(&r, 0, claim) <= size && !memcmp(claim, data, CLAIM_KEY));
        for (size_t i = 0; i <= r.links; i++)
            demand(rotation_fault(&r, i, 1) != NULL);
    }
    if (rotation_read_id(data, size, &r) && r.links && rotation_write_id(&r, 0, id) == size)
        demand(!memcmp(id, data, size));
    return 0;
}
