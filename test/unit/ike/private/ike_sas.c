/* A peer has a limited number of IKE SAs with us: one more ends the oldest. TAP. */
#include "btnsd/ike/private/ike_sas.h"
#include "test/unit/check.h"

int main(void)
{
    struct ike_sas s = {.n = 0};
    bool room = true;
    for (uint32_t id = 1; id <= IKE_SAS_MAX; id++)
        room = room && !ike_sas_add(&s, id);
    check(room && s.n == IKE_SAS_MAX, "there is room for %d", IKE_SAS_MAX);
    check(!ike_sas_add(&s, 2) && s.n == IKE_SAS_MAX, "one that is told of again is the same");
    ike_sas_rename(&s, 2, 100);
    ike_sas_rename(&s, 77, 101);
    check(ike_sas_add(&s, 9) == 1 && s.n == IKE_SAS_MAX, "then the oldest goes");
    check(ike_sas_add(&s, 10) == 100, "a rekeyed one is as old as it was");
    ike_sas_drop(&s, 5);
    ike_sas_drop(&s, 55);
    check(s.n == IKE_SAS_MAX - 1 && !ike_sas_add(&s, 11), "one that ended makes room");
    check(ike_sas_add(&s, 12) == 3, "and the others stay in their order");
    unsigned n = s.n;
    check(!ike_sas_add(&s, 0) && s.n == n, "0 is none");
    return check_end();
}
