/*
 * The file that btnsd writes for libnss_btns: which names of which keys are in it, and that it
 * follows changes of the peers.
 */
#include "btnsd/running/inner_names.h"

#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/revoked.h"
#include "libapi/wire/inner_address.h"
#include "libapi/wire/key_words.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

static struct btns_key key(unsigned char first)
{
    struct btns_key k = {.raw = {first}};
    return k;
}

static void add(struct peers *p, unsigned char first, const char *name, const char *file)
{
    struct peer peer = {.key = key(first), .trust = BTNS_T_PINNED, .file = file};
    snprintf(peer.name, sizeof peer.name, "%s", name);
    const char *no = peers_add(p, &peer);
    if (no)
        check(false, "peer %u: %s", first, no);
}

static struct peers *empty(const char *path)
{
    struct err err = {""};
    struct peers *p = peers_new(path, &err);
    if (!p)
        abort();
    return p;
}

/*
 * The line with this name for the key, or (NULL) with the key's words. Returns NULL if there is
 * none.
 */
static const char *has(const char *text, unsigned char first, const char *name)
{
    char line[256], inner[INNER_ADDRESS_STR], words[BTNS_KEY_WORDS];
    const struct btns_key k = key(first);
    snprintf(line, sizeof line, "\n%s %s.btns\n", inner_address_str(&k, inner),
             name ? name : btns_key_words(&k, words));
    return strstr(text, line);
}

static void check_text(const char *text)
{
    check(has(text, 1, "bob") && has(text, 1, NULL), "a peer with a name has two lines");
    check(has(text, 1, "bob") < has(text, 1, NULL), "and its name comes first");
    check(!has(text, 2, "") && has(text, 2, NULL), "a peer without one has its words");
    check(!has(text, 3, "Carol") && !has(text, 4, "carol") && has(text, 3, NULL) &&
              has(text, 4, NULL),
          "names that differ in case alone are left out, the keys are not");
    check(strstr(text, "\n# left out, as another name differs only in case: Carol\n") != NULL,
          "and that is said");
    check(!has(text, 5, "dave") && !has(text, 5, NULL), "a revoked key is left out");
    check(!has(text, 6, "erin") && has(text, 7, "erin") && has(text, 6, NULL),
          "a name in the administrator's files is that of the key there");
    check(!has(text, 8, "old") && has(text, 8, "new"), "and a peer's name there counts");
    check(has(text, 9, NULL), "this host's own key is there");
}

static void changed(void *arg)
{
    ++*(unsigned *)arg;
}

static void check_changes(struct peers *p)
{
    unsigned told = 0;
    struct err err = {""};
    const struct btns_addr at = host_addr("192.0.2.1");
    const struct btns_key k = key(20);
    peers_on_change(p, changed, &told);
    check(!peers_pin(p, &k, &at, "frank", 1000, &err) && told == 1, "a pin is told: %s", err.text);
    check(!peers_seen(p, &k, &at, 1001, &err) && told == 1, "but not that the peer was seen again");
    check(!peers_forget(p, &k, NULL, &err) && told == 2, "that it is forgotten, is: %s", err.text);
}

int main(void)
{
    static char text[8192];
    char dir[64], path[96], line[BTNS_KEY_STR + 1];
    struct err err = {""};
    const struct btns_key own = key(9), gone = key(5);
    snprintf(path, sizeof path, "%s/known_peers", scratch(dir, sizeof dir));
    struct peers *p = empty(path), *fleet = empty("peers.d");
    add(p, 1, "bob", NULL);
    add(p, 2, "", NULL);
    add(p, 3, "Carol", NULL);
    add(p, 4, "carol", NULL);
    add(p, 5, "dave", NULL);
    add(p, 6, "erin", NULL);
    add(p, 8, "old", NULL);
    add(fleet, 7, "erin", "peers.d/fleet");
    add(fleet, 8, "new", "peers.d/fleet");
    peers_set_fleet(p, fleet);
    btns_key_str(&gone, line);
    peers_set_revoked(p, revoked_from_text("revoked_keys", line, strlen(line), &err));
    FILE *f = fmemopen(text, sizeof text, "w");
    check(f && !inner_names_print(f, p, &own) && !fclose(f), "the text is written");
    check_text(text);
    check_changes(p);
    peers_free(p);
    scratch_remove(dir);
    return check_end();
}
