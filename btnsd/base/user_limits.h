/* Limits on btnsd's resources, for each user and for all users together. */
#ifndef BTNS_BASE_USER_LIMITS_H
#define BTNS_BASE_USER_LIMITS_H

enum limited {
    LIMIT_CLIENTS,
    LIMIT_LISTS,
    LIMIT_WAITS,
    LIMIT_GUARDS,
    LIMIT_EXCHANGES,
    LIMIT_STRANGERS,
    LIMIT_TURNS,
    LIMIT_CLOSES,
    LIMIT_LATCHES,
    LIMIT_LISTENERS,
    LIMIT_EARLY_FLOORS,
    LIMIT_WATCHERS,
    LIMIT_POLICIES,
    LIMIT_READINGS,
    LIMIT_RINGS,
    LIMIT_WISHES,
    LIMIT_NEWEST,
    LIMIT_ACCEPTORS,
    LIMITS,
};

/* Root's share does not count against the other users' total. */
struct limit {
    const char *name;
    unsigned each;  /* of one user but root */
    unsigned all;   /* of all users together, without root */
    unsigned fresh; /* part of `all` that is reserved for users who have none yet */
    unsigned root;  /* of root; 0: no limit */
    const char *things;
    const char *advice;
};

extern const struct limit limits[LIMITS];

#endif
