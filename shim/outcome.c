/* Turns a verdict into success or an errno, and into a line on standard error. */
#include "shim/outcome.h"

#include "libapi/wire/refusal.h"
#include "shim/last_reason.h"
#include "shim/say.h"
#include "shim/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int outcome_denied(const struct btns_addr *where, const struct btns_verdict_msg *v)
{
    bool valid = v->error > 0 && v->error < 4096;
    const char *text = v->text[0] ? v->text : "refused by btnsd";
    last_reason_set(text);
    say_once(where, "", text);
    return valid ? (int)v->error : EACCES;
}

/*
 * Warns once in a process, because the kernel does not tell the program why the connection stops.
 */
static void warn_outcome_translated(const struct btns_addr *where, const char *text)
{
    static bool warned;
    if (!__atomic_exchange_n(&warned, true, __ATOMIC_RELAXED) && !say(where, "protected: ", text))
        __atomic_store_n(&warned, false, __ATOMIC_RELAXED);
}

void outcome_first_contact(struct btns_verdict_msg *v)
{
    char *second = strchr(v->text, '\n');
    if (!second || !(v->flags & BTNS_VF_FIRST_CONTACT))
        return;
    *second = '\0';
    say_to_person(second + 1);
}

int outcome_of_verdict(const struct btns_addr *where, struct btns_verdict_msg *v)
{
    outcome_first_contact(v);
    if (v->verdict == BTNS_V_DENIED)
        return outcome_denied(where, v);
    if (v->verdict == BTNS_V_UNPROTECTED) {
        say_once(where, "unprotected: ", v->text);
        return 0;
    }
    say_forget(where);
    if (settings()->verbose)
        say(where, v->verdict == BTNS_V_CLEAR ? "clear: " : "protected: ", v->text);
    else if (v->flags & BTNS_VF_TRANSLATES)
        warn_outcome_translated(where, v->text);
    return 0;
}

bool outcome_goes_on(const struct btns_addr *where)
{
    return btns_addr_is_loopback(where) || settings()->flags & BTNS_F_PREFER;
}

/*
 * Without a verdict the rules are not known, so only a connection that stays on this host may go
 * on. The errno is ENETDOWN: no verdict uses it, and programs expect it of connect().
 */
int outcome_without(const struct btns_addr *where, const char *why, const char *advice)
{
    char text[BTNS_TEXT_MAX + 128];
    if (btns_addr_is_loopback(where))
        return 0;
    if (settings()->flags & BTNS_F_PREFER) {
        say_once(where, "unprotected: ", why);
        return 0;
    }
    snprintf(text, sizeof text, "%s: refused; %s, or run without btns-run", why, advice);
    last_reason_set(text);
    say_once(where, "", text);
    return ERRNO_NO_DAEMON;
}
