/* A reqid never means two keys, neither in one life of btnsd nor across a restart. */
#include "btnsd/latch/guard/reqid.h"
#include "test/unit/check.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct btns_key key(uint8_t n)
{
    struct btns_key k = {.hashed = false};
    memset(k.raw, n, sizeof k.raw);
    return k;
}

static void numbers(void)
{
    struct pairs p = {0};
    struct btns_key a = key(1), b = key(2);
    pairs_init(&p, 0);
    const struct pair *a1 = pair_get(&p, &a, "aes256gcm16"), *a2 = pair_get(&p, &a, "aes128gcm16");
    const struct pair *a0 = pair_get(&p, &a, NULL), *b1 = pair_get(&p, &b, "aes256gcm16");
    check(a1 && a2 && a0 && b1, "pairs are made");
    check(a1->reqid != b1->reqid, "two keys have two reqids (L1)");
    check(a1->reqid != a2->reqid && a1->reqid != a0->reqid, "and two suites");
    check(pair_get(&p, &a, "aes256gcm16") == a1, "the same pair has the same reqid");
    check(pair_by_reqid(&p, b1->reqid) == b1, "a reqid names its pair");
    uint32_t none = pair_placeholder(&p);
    check(none && !pair_by_reqid(&p, none), "a placeholder names none");
    check(reqid_is_ours(none) && !reqid_is_ours(1) && !reqid_is_ours(REQID_LAST + 1),
          "ours are told apart");
    p.last = REQID_LAST - 1;
    check(pair_placeholder(&p) == REQID_LAST && pair_placeholder(&p) >= none,
          "after the last number come those that no pair has, and never one that is taken");
    pairs_free(&p);
    p = (struct pairs){0};
    pairs_init(&p, REQID_FIRST + 500);
    check(pair_placeholder(&p) == REQID_FIRST + 501,
          "numbers that the kernel knows are not used again");
    pairs_free(&p);
}

static bool is_first(void *arg, const struct pair *pair)
{
    (void)arg;
    return pair->reqid == REQID_FIRST + 1;
}

/* A peer can claim as many keys as it likes. */
static void flood(void)
{
    struct pairs p = {0};
    unsigned most = 0;
    bool distinct = true;
    uint32_t before = 0;
    pairs_init(&p, 0);
    struct btns_key first = key(1);
    const struct pair *used = pair_get(&p, &first, NULL);
    for (uint32_t i = 0; i < 10000; i++) {
        struct btns_key k = key(2);
        memcpy(k.raw, &i, sizeof i);
        pairs_trim(&p, is_first, NULL);
        const struct pair *n = pair_get(&p, &k, NULL);
        distinct = distinct && n && n->reqid > before;
        before = n ? n->reqid : before;
        most = p.count > most ? p.count : most;
    }
    check(distinct, "10,000 claimed keys have 10,000 numbers");
    check(most <= PAIRS_FEW, "of which no more than %u are remembered: %u", PAIRS_FEW, most);
    check(pair_by_reqid(&p, REQID_FIRST + 1) == used && btns_key_equal(&used->key, &first),
          "that which is used among them");
    check(pair_by_reqid(&p, before) != NULL, "and the newest");
    pairs_free(&p);
}

static void rewrite(const char *path, const char *from, const char *to)
{
    char text[2000] = "", *at;
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    f = fopen(path, "w");
    if (f && (at = strstr(text, from)))
        fprintf(f, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    if (f)
        fclose(f);
}

static size_t count(const struct pairs *p)
{
    size_t n = 0;
    for (const struct pair *i = p->list; i; i = i->next)
        n++;
    return n;
}

static ino_t inode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) ? 0 : st.st_ino;
}

/* A new peer adds one line, without rewriting the file. */
static void file_grows(void)
{
    char dir[200], path[250];
    struct pairs p = {0}, q = {0};
    snprintf(path, sizeof path, "%s/reqids", scratch(dir, sizeof dir));
    pairs_read(&p, path);
    pairs_init(&p, 0);
    struct btns_key k[4] = {key(1), key(2), key(3), key(4)};
    pair_get(&p, &k[0], "aes256gcm16");
    ino_t first = inode_of(path);
    uint32_t second = pair_get(&p, &k[1], "aes256gcm16")->reqid;
    check(first && inode_of(path) == first, "a further pair is added to the file");
    pairs_read(&q, path);
    check(count(&q) == 2 && pair_by_reqid(&q, second), "and read again (L14)");
    pair_get(&q, &k[2], "aes256gcm16");
    check(inode_of(path) != first, "a btnsd that has only read the file writes it anew");
    pairs_free(&q);
    check(!unlink(path) && pair_get(&p, &k[3], NULL), "somebody deletes the file");
    pair_keep(&p, pair_find(&p, &k[3], NULL));
    memset(&q, 0, sizeof q);
    pairs_read(&q, path);
    check(count(&q) == 3, "then all pairs are written: %zu", count(&q));
    pairs_free(&q);
    pairs_free(&p);
    scratch_remove(dir);
}

static void file(void)
{
    char dir[200], path[250];
    struct btns_key a = key(1), b = key(2);
    snprintf(path, sizeof path, "%s/reqids", scratch(dir, sizeof dir));
    struct pairs p = {0}, q = {0};
    pairs_read(&p, path);
    pairs_init(&p, 0);
    check(!p.list, "no file, no pairs");
    uint32_t ra = pair_get(&p, &a, "aes256gcm16")->reqid, rb = pair_get(&p, &b, NULL)->reqid;
    pairs_read(&q, path);
    check(count(&q) == 1, "a key that was only claimed is not in the file");
    pairs_free(&q);
    memset(&q, 0, sizeof q);
    pair_keep(&p, pair_by_reqid(&p, rb));
    pairs_read(&q, path);
    pairs_init(&q, 0);
    check(count(&q) == 2 && pair_get(&q, &a, "aes256gcm16")->reqid == ra &&
              pair_get(&q, &b, NULL)->reqid == rb,
          "the next btnsd reads the same numbers (L14)");
    check(pair_placeholder(&q) > (ra > rb ? ra : rb), "and gives out none of them");
    pairs_free(&q);
    rewrite(path, "aes256gcm16", "rot13");
    memset(&q, 0, sizeof q);
    pairs_read(&q, path);
    check(count(&q) < 2 && !pair_by_reqid(&q, ra), "a line that cannot be right is not believed");
    pairs_free(&q);
    pairs_write(&p);
    rewrite(path, "boot ", "boot x");
    memset(&q, 0, sizeof q);
    pairs_read(&q, path);
    check(!q.list, "another boot's numbers mean nothing");
    pairs_free(&q);
    pairs_free(&p);
    scratch_remove(dir);
}

int main(void)
{
    numbers();
    flood();
    file();
    file_grows();
    return check_end();
}
