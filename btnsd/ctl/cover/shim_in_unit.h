/* Finds which processes of a unit have the shim. */
#ifndef BTNS_CTL_COVER_SHIM_IN_UNIT_H
#define BTNS_CTL_COVER_SHIM_IN_UNIT_H

struct unit_processes {
    int all, with_shim;
};

/* Counts the unit's processes; waits up to `seconds` for the first one that has the shim. */
struct unit_processes shim_in_unit(const char *unit, unsigned seconds);

#endif
