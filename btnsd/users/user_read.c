/*
 * Reads a user's stored policies when they are first needed: in the parsing child, while btnsd does
 * other things.
 */
#include "btnsd/rules/files/source.h"
#include "btnsd/users/reading_queue.h"
#include "btnsd/users/user_files.h"

#include <stdlib.h>

/* The stored texts of u, while their copy is being parsed. */
struct stored {
    struct users *us;
    struct user *u;
    struct policy_text *text;
    unsigned n;
};

static void finish_user_reading(struct stored *s, struct rules *own, const struct err *why)
{
    struct users *us = s->us;
    struct user *u = s->u;
    struct err err = *why;
    bool usable = !s->n || (own && !user_check_rules(own, u->uid, &err));
    if (usable && s->n)
        user_set_texts(us, u, s->text, s->n, own);
    else if (own)
        rules_free(own);
    if (!usable && s->text)
        source_texts_clear(s->text, s->n);
    if (!usable || user_read_blocks(us, u, &err))
        user_is_broken(u, err.text);
    free(s->text);
    free(s);
    u->unread = u->reading = false;
    if (us->read)
        us->read(us->arg, u);
}

static void on_user_parsed(void *arg, struct rules *own, const struct err *why)
{
    finish_user_reading(arg, own, why);
}

static void refuse_user_files(struct stored *s, const struct err *err)
{
    s->n = 1; /* the user has stored policies */
    finish_user_reading(s, NULL, err);
}

void user_need(struct users *us, struct user *u)
{
    struct err err = {""};
    struct policy_text *copy = NULL;
    struct stored *s = !u->unread || u->reading ? NULL : calloc(1, sizeof *s);
    if (!s)
        return;
    *s = (struct stored){.us = us, .u = u};
    u->reading = true;
    int n = user_read_texts(us, u, &s->text, &err);
    if (n < 0) {
        refuse_user_files(s, &err);
        return;
    }
    s->n = (unsigned)n;
    if (!n) {
        finish_user_reading(s, NULL, &err);
        return;
    }
    if (user_texts_copy(s->text, s->n, &copy) ||
        !reading_start(us->readings, u->uid, "policy", copy, s->n, on_user_parsed, s, &err)) {
        source_texts_free(s->text, s->n);
        free(s);
        u->reading = false; /* the next request that needs them tries again */
    }
}
