/* A key manager as guards see it: who gets the SAs of a guard, and says whose they are. */
#ifndef BTNS_KEYING_H
#define BTNS_KEYING_H

#include "btnsd/latch/guard/guard.h"

/*
 * One for each enum keys. What is NULL is not done. None of these may free the guard or call
 * guard_event() before it has returned, but for recheck.
 */
struct keying {
    const char *hint; /* for who asked in vain */
    const char *late; /* what a time limit that is over means; NULL: it depends */
    /*
     * A reqid is not an identity here, so no template names one without the SPI of an SA that was
     * checked: in both directions, and nothing comes in while there is none.
     */
    bool pins;
    /* A new guard: its first event, and what is known already. 0, or -errno with err. */
    int (*begin)(struct guard *g, enum guard_event *first, struct err *err);
    bool (*fits)(struct guard *g, const struct guard_want *want, struct err *err);
    void (*introduce)(struct guard *g);
    void (*prove)(struct guard *g);
    void (*prove_soon)(struct guard *g);
    void (*close)(struct guard *g);
    /* The manager has forgotten all that it had. */
    void (*renew)(struct guard *g);
    /* Whose SA it is was proved. */
    void (*record)(struct guard *g);
    /* Deletes what is left of g's SAs, when its entries are gone. */
    void (*drop_sas)(struct guard *g);
    /* pins: the SAD has changed, or may have: looks at it again, and calls guard_found(). */
    void (*recheck)(struct guard *g);
    /* pins: g was up or was to be, and there is no SA (any more). */
    void (*none)(struct guard *g);
};

/* What it was to close is closed: at once, or when the caller has returned. */
void guard_closed(struct guard *g);
void guard_closed_soon(struct guard *g);

extern const struct keying keying_private, keying_system, keying_manual;
const struct keying *keying_of(enum keys keys);

/* ---- system.c: what the system's IKE daemon reports (ike/system.h) ---- */

struct system_view;
void guards_system_seen(struct guards *gs, const struct system_view *v);
void guards_system_initiated(struct guards *gs, const char *connection, const char *child,
                             enum ike_result result, const char *why);
/* True: there are guards that need it. */
bool guards_system_lost(struct guards *gs, const char *why);
void guards_system_back(struct guards *gs);

/* ---- pinned.c: guards whose SAs are made by another (keying.pins) ---- */

/* Two SAs that were checked, for one direction each. */
struct sa_pair {
    uint32_t out, in, reqid;
    const struct suite *suite;
};

/* What is to be known of a guard's SAs. */
struct finding {
    struct sa_pair pair[GUARD_SAS]; /* newest last */
    size_t pairs;
    char who[GUARD_WHO];   /* the peer, as the manager names it */
    char how[GUARD_HOW];   /* how it knows, or that it does not */
    enum btns_reason code; /* not BTNS_R_NONE: why the latch must not be, or no longer */
    char why[BTNS_TEXT_MAX];
};

void guard_found(struct guard *g, const struct finding *f);
/* Fails with the reason, unless it has failed with that reason already. */
void guard_broken(struct guard *g, enum btns_reason code, const char *why);
/* Another's SA came or went. */
void guards_pinned_sa(struct guards *gs, const struct sad_entry *sa, bool gone);

#define SAD_MAX 64
/* The SAs between two addresses, newest first. */
struct sad_list {
    const struct btns_addr *local, *remote;
    struct sad_entry sa[SAD_MAX];
    size_t n;
};
int guards_sad(const struct guards *gs, const struct btns_addr *local,
               const struct btns_addr *remote, struct sad_list *list);

/* ---- callers.c: who comes to our listeners by SAs that another makes ---- */

/* One who may come to have a guard there, and has none. */
struct caller {
    struct btns_addr local, remote; /* port 0 */
    uint16_t port;
    const struct key_source *source;
    const struct suite *asked;
};

/* What our listeners make of a guard for callers, strictest last. */
enum service {
    SERVICE_NONE,      /* nothing: nobody listens there, or takes whoever comes */
    SERVICE_SERVED,    /* they ask for just what it has */
    SERVICE_DISCARDED, /* they keep everybody out, above guards */
    SERVICE_OTHERWISE, /* they ask for something else: why says what */
};
enum service callers_service(const struct guards *gs, const struct guard *g,
                             char why[BTNS_TEXT_MAX]);
/* pinned.c: what was found of its SAs decides. */
void guards_admit_caller(struct guards *gs, const struct caller *c, const struct finding *f);
/* It is told once. */
void callers_kept_out(struct guards *gs, const struct caller *c, enum btns_reason code,
                      const char *why);
/* A new SA, of whomever. */
void callers_sa(struct guards *gs, const struct sad_entry *sa);
void manual_caller(struct guards *gs, const struct caller *c);
/* Those between these two addresses that take the SAs of such a manager. */
void callers_each(struct guards *gs, enum keys keys, const struct btns_addr *local,
                  const struct btns_addr *remote,
                  void (*cb)(struct guards *gs, const struct caller *c, void *arg), void *arg);
/* Does any listener need the system's IKE daemon? */
bool callers_need_system(const struct guards *gs);

/* ---- quality.c: pure ---- */

/* The suite of an SA, or NULL when it is none of suites[]. */
const struct suite *quality_suite(const struct sad_entry *sa);
/*
 * Are these two SAs, out and in, as good as `asked`? The latched suite (NULL: none yet) must be
 * kept. False: why says what is weaker.
 */
bool quality_meets(const struct sad_entry *out, const struct sad_entry *in,
                   const struct suite *asked, const struct suite *latched, bool accept_no_replay,
                   char why[BTNS_TEXT_MAX]);

#endif
