/*
 * Reads peer NAME { key = ... address = ... }, which defines a name that short rules of the file
 * can use.
 */
#include "btnsd/rules/read/short_rule.h"

#include "libapi/wire/addr.h"
#include "libapi/wire/array.h"
#include "libapi/wire/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int no_memory_for_peer(struct policy_fault *f)
{
    policy_fault(f, 0, "out of memory");
    return -ENOMEM;
}

const struct short_peer *short_peer_find(const struct short_peers *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->peer[i].name, name))
            return &all->peer[i];
    return NULL;
}

void short_peers_free(struct short_peers *all)
{
    for (size_t i = 0; i < all->n; i++) {
        struct short_peer *p = &all->peer[i];
        for (size_t k = 0; k < p->address.n; k++)
            free(p->address.item[k]);
        free(p->address.item);
        free(p->name);
        free(p->key);
    }
    free(all->peer);
    *all = (struct short_peers){0};
}

static bool is_peer_value(const struct policy_token *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_STRING;
}

static int expect_peer_token(struct policy_lexer *x, struct policy_token *t,
                             enum policy_token_kind kind, struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    if (t->kind == kind)
        return lexer_next(x, t, f);
    return policy_fault(f, t->line, "expected \"%c\" in a peer, not %s", (char)kind,
                        t->kind == TOKEN_END ? "the end of the file"
                                             : fault_quote(quoted, t->text));
}

static int take_short_key(struct short_peer *p, const struct policy_token *t,
                          struct policy_fault *f)
{
    struct btns_key key;
    char quoted[POLICY_QUOTED];
    if (p->key)
        return policy_fault(f, t->line, "a peer has one key");
    if (!is_peer_value(t) || !btns_key_parse(&key, t->text))
        return policy_fault(f, t->line,
                            "%s is no key: write \"ed25519:...\", in full and in quotes",
                            fault_quote(quoted, t->text));
    p->key = strdup(t->text);
    return p->key ? 0 : no_memory_for_peer(f);
}

static int take_short_address(struct short_peer *p, const struct policy_token *t,
                              struct policy_fault *f)
{
    struct btns_addr a;
    char quoted[POLICY_QUOTED];
    if (!is_peer_value(t) || !btns_addr_parse(&a, t->text))
        return policy_fault(f, t->line, "%s is no address", fault_quote(quoted, t->text));
    if (btns_addr_is_inner(&a))
        return policy_fault(f, t->line, "%s: %s", fault_quote(quoted, t->text),
                            btns_addr_not_host(&a));
    char **more = array_grow(p->address.item, &p->address.room, p->address.n + 1, sizeof *more);
    if (!more)
        return no_memory_for_peer(f);
    p->address.item = more;
    more[p->address.n] = strdup(t->text);
    if (!more[p->address.n])
        return no_memory_for_peer(f);
    p->address.n++;
    return 0;
}

static int take_short_addresses(struct policy_lexer *x, struct policy_token *t,
                                struct short_peer *p, struct policy_fault *f)
{
    bool list = t->kind == TOKEN_OPEN;
    int rc = list ? lexer_next(x, t, f) : 0;
    if (!rc && p->address.n)
        rc = policy_fault(f, t->line, "\"address\" is given twice: write a list in braces");
    do {
        if (!rc)
            rc = take_short_address(p, t, f);
        if (!rc)
            rc = lexer_next(x, t, f);
    } while (!rc && list && t->kind == TOKEN_COMMA && !(rc = lexer_next(x, t, f)));
    return rc || !list ? rc : expect_peer_token(x, t, TOKEN_CLOSE, f);
}

static int take_peer_field(struct policy_lexer *x, struct policy_token *t, struct short_peer *p,
                           struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    bool key = t->kind == TOKEN_WORD && !strcmp(t->text, "key");
    if (!key && (t->kind != TOKEN_WORD || strcmp(t->text, "address")))
        return policy_fault(f, t->line, "%s is not known in a peer; known are: key, address",
                            t->kind == TOKEN_END ? "the end of the file"
                                                 : fault_quote(quoted, t->text));
    int rc = lexer_next(x, t, f);
    if (!rc)
        rc = expect_peer_token(x, t, TOKEN_EQUALS, f);
    if (rc || !key)
        return rc ? rc : take_short_addresses(x, t, p, f);
    rc = take_short_key(p, t, f);
    return rc ? rc : lexer_next(x, t, f);
}

static int take_short_name(struct short_peers *all, const struct policy_token *t,
                           struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    if (!is_peer_value(t) || !btns_peer_name_ok(t->text))
        return policy_fault(f, t->line,
                            "a peer needs a name of letters, digits and \"._+-\": peer "
                            "NAME { key = ... address = ... }");
    const struct short_peer *same = short_peer_find(all, t->text);
    if (same)
        return policy_fault(f, t->line, "peer %s is already there on line %u",
                            fault_quote(quoted, t->text), same->line);
    struct short_peer *more = array_grow(all->peer, &all->room, all->n + 1, sizeof *more);
    if (!more)
        return no_memory_for_peer(f);
    all->peer = more;
    more[all->n] = (struct short_peer){.name = strdup(t->text), .line = t->line};
    if (!more[all->n].name)
        return no_memory_for_peer(f);
    all->n++;
    return 0;
}

int short_peer_read(struct policy_lexer *x, struct policy_token *t, struct short_peers *all,
                    struct policy_fault *f)
{
    char quoted[POLICY_QUOTED];
    int rc = lexer_next(x, t, f);
    if (!rc)
        rc = take_short_name(all, t, f);
    if (rc)
        return rc;
    struct short_peer *p = &all->peer[all->n - 1];
    if (!(rc = lexer_next(x, t, f)))
        rc = expect_peer_token(x, t, TOKEN_OPEN, f);
    while (!rc && t->kind != TOKEN_CLOSE)
        rc = take_peer_field(x, t, p, f);
    if (!rc && (!p->key || !p->address.n))
        rc = policy_fault(f, p->line, "peer %s has no %s", fault_quote(quoted, p->name),
                          p->key ? "address" : "key");
    return rc;
}
