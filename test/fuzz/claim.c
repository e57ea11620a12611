/* Fuzzes the claim of an introduction: whatever is read is within bounds, and a statement that
 * nobody signed is not believed. */
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
    uint8_t claim[CLAIM_MAX];
    if (rotation_read(data, size, &r)) {
        demand(size == CLAIM_KEY || size == CLAIM_ROTATION);
        demand(rotation_write(&r, 0, claim) == size && !memcmp(claim, data, size));
        demand(rotation_fault(&r, 1) != NULL);
    }
    if (rotation_read_id(data, size, &r))
        demand(size == CLAIM_KEY || size == 3 * CLAIM_KEY - 1 || size == 3 * CLAIM_ROTATION - 1);
    return 0;
}
