/* VICI messages: built as the protocol says, read back, and every malformed one refused. TAP. */
#include "btnsd/ike/vici/vici.h"
#include "test/unit/check.h"

#include <string.h>

/* strongSwan's vici README, "Message format": its own example, by hand. */
static const uint8_t example[] = {
    3,   4,   'k', 'e', 'y', '1', 0,   6,   'v', 'a', 'l', 'u', 'e', '1', 1,   8,
    's', 'e', 'c', 't', 'i', 'o', 'n', '1', 1,   11,  's', 'u', 'b', '-', 's', 'e',
    'c', 't', 'i', 'o', 'n', 3,   4,   'k', 'e', 'y', '2', 0,   6,   'v', 'a', 'l',
    'u', 'e', '2', 2,   4,   5,   'l', 'i', 's', 't', '1', 5,   0,   5,   'i', 't',
    'e', 'm', '1', 5,   0,   5,   'i', 't', 'e', 'm', '2', 6,   2,
};

static void build_example(struct vici_msg *m)
{
    vici_init(m);
    vici_kv(m, "key1", "value1");
    vici_section(m, "section1");
    vici_section(m, "sub-section");
    vici_kvf(m, "key2", "value%d", 2);
    vici_section_end(m);
    vici_list(m, "list1", (const char *const[]){"item1", "item2", NULL});
    vici_section_end(m);
}

static void building(void)
{
    struct vici_msg m;
    build_example(&m);
    check(vici_ok(&m) && m.len == sizeof example && !memcmp(m.data, example, m.len),
          "the protocol's example comes out octet by octet");
    vici_section(&m, "open");
    check(!vici_ok(&m), "an open section is no message yet");
    vici_section_end(&m);
    check(vici_ok(&m), "closed, it is one");
    vici_free(&m);
    check(!m.data && vici_ok(&m), "a freed message is empty");
}

/* ---- misuse ---- */

static char long_text[70000];

static void end_too_many(struct vici_msg *m)
{
    vici_section_end(m);
}

static void name_empty(struct vici_msg *m)
{
    vici_kv(m, "", "x");
}

static void name_256(struct vici_msg *m)
{
    vici_kv(m, long_text + sizeof long_text - 1 - 256, "x");
}

static void value_65536(struct vici_msg *m)
{
    vici_kv_data(m, "k", long_text, 65536);
}

static void item_65536(struct vici_msg *m)
{
    vici_list(m, "l", (const char *const[]){long_text, NULL});
}

static void too_deep(struct vici_msg *m)
{
    for (int i = 0; i <= VICI_DEPTH_MAX; i++)
        vici_section(m, "s");
    for (int i = 0; i <= VICI_DEPTH_MAX; i++)
        vici_section_end(m);
}

static void too_big(struct vici_msg *m)
{
    for (int i = 0; i < 8; i++)
        vici_kv_data(m, "k", long_text, 65535);
}

static void misuse(void)
{
    static const struct {
        const char *what;
        void (*use)(struct vici_msg *);
    } cases[] = {
        {"a section end too many", end_too_many}, {"an empty name", name_empty},
        {"a name of 256 octets", name_256},       {"a value of 65536 octets", value_65536},
        {"an item of 65536 octets", item_65536},  {"sections too deep", too_deep},
        {"a message above the limit", too_big},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vici_msg m;
        vici_init(&m);
        cases[i].use(&m);
        bool bad = m.bad && !vici_ok(&m);
        vici_kv(&m, "fine", "fine");
        check(bad && !vici_ok(&m), "%s spoils the message for good", cases[i].what);
        vici_free(&m);
    }
}

static void limits(void)
{
    struct vici_msg m;
    const uint8_t *value;
    size_t len;
    const char *name = long_text + sizeof long_text - 1 - 255;
    vici_init(&m);
    for (int i = 0; i < VICI_DEPTH_MAX; i++)
        vici_section(&m, "s");
    vici_kv_data(&m, name, long_text, 65535);
    for (int i = 0; i < VICI_DEPTH_MAX; i++)
        vici_section_end(&m);
    char path[2 * VICI_DEPTH_MAX + 256] = "";
    for (int i = 0; i < VICI_DEPTH_MAX; i++)
        strcat(path, "*.");
    strcat(path, name);
    check(vici_ok(&m) && vici_find(m.data, m.len, path, &value, &len) && len == 65535,
          "a name of 255 and a value of 65535 octets at the greatest depth pass");
    vici_free(&m);
}

/* ---- reading ---- */

static void reading(void)
{
    static const struct {
        enum vici_element type;
        const char *name, *value;
    } want[] = {
        {VICI_KV, "key1", "value1"},
        {VICI_SECTION, "section1", NULL},
        {VICI_SECTION, "sub-section", NULL},
        {VICI_KV, "key2", "value2"},
        {VICI_SECTION_END, "", NULL},
        {VICI_LIST, "list1", NULL},
        {VICI_ITEM, "", "item1"},
        {VICI_ITEM, "", "item2"},
        {VICI_LIST_END, "", NULL},
        {VICI_SECTION_END, "", NULL},
        {VICI_END, "", NULL},
        {VICI_END, "", NULL},
    };
    struct vici_reader r;
    struct vici_item it;
    size_t right = 0;
    vici_reader_init(&r, example, sizeof example);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        right += vici_next(&r, &it) == want[i].type && !strcmp(it.name, want[i].name) &&
                 (want[i].value
                      ? it.len == strlen(want[i].value) && !memcmp(it.value, want[i].value, it.len)
                      : !it.value);
    check(right == sizeof want / sizeof *want, "the example is read element by element");
}

static enum vici_element read_through(const uint8_t *data, size_t len)
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, data, len);
    while (vici_next(&r, &it) > VICI_END)
        ;
    return it.type;
}

static void malformed(void)
{
    static const struct {
        const char *what;
        uint8_t data[12];
        size_t len;
    } cases[] = {
        {"an unknown element", {7}, 1},
        {"an element of type 0", {0}, 1},
        {"a section end outside a section", {2}, 1},
        {"a list end outside a list", {6}, 1},
        {"an item outside a list", {5, 0, 1, 'x'}, 4},
        {"a key-value in a list", {4, 1, 'l', 3, 1, 'k', 0, 0, 6}, 9},
        {"a section in a list", {4, 1, 'l', 1, 1, 's', 2, 6}, 8},
        {"a list in a list", {4, 1, 'l', 4, 1, 'm', 6, 6}, 8},
        {"an empty name", {1, 0, 2}, 3},
        {"a name with NUL", {1, 2, 'a', 0, 2}, 5},
        {"a name longer than the message", {1, 9, 'a'}, 3},
        {"a value longer than the message", {3, 1, 'k', 0, 9, 'v'}, 6},
        {"half a length", {3, 1, 'k', 0}, 4},
        {"a section without an end", {1, 1, 's'}, 3},
        {"a list without an end", {4, 1, 'l'}, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(read_through(cases[i].data, cases[i].len) == VICI_BAD, "%s is refused",
              cases[i].what);
    size_t refused = 0, prefixes = 0;
    const uint8_t *value;
    size_t len;
    for (size_t n = 15; n < sizeof example; n++, prefixes++) /* from the section on: all cut */
        refused +=
            read_through(example, n) == VICI_BAD && !vici_find(example, n, "key1", &value, &len);
    check(refused == prefixes, "nothing of a cut message is believed");
    uint8_t deep[3 * (VICI_DEPTH_MAX + 1) + VICI_DEPTH_MAX + 1];
    for (size_t i = 0; i <= VICI_DEPTH_MAX; i++)
        memcpy(deep + 3 * i, "\1\1s", 3);
    memset(deep + 3 * (VICI_DEPTH_MAX + 1), 2, VICI_DEPTH_MAX + 1);
    check(read_through(deep, sizeof deep) == VICI_BAD, "sections too deep are refused");
}

/* ---- finding ---- */

static void build_event(struct vici_msg *m)
{
    vici_init(m);
    vici_kv(m, "up", "yes");
    vici_section(m, "peer-10.77.0.2");
    vici_kv(m, "remote-id", "the id");
    vici_section(m, "child-sas");
    vici_section(m, "tcp-8000-1");
    vici_kv(m, "reqid", "4001");
    vici_list(m, "local-ts", (const char *const[]){"first", "second", NULL});
    vici_list(m, "none", (const char *const[]){NULL});
    vici_section_end(m);
    vici_section(m, "tcp-9000-2");
    vici_kv(m, "reqid", "4002");
    vici_kv(m, "only", "here");
    vici_section_end(m);
    vici_section_end(m);
    vici_kv(m, "after", "wards");
    vici_section_end(m);
    vici_kv(m, "last", "");
}

static void finding(void)
{
    static const struct {
        const char *path, *want; /* NULL: not there */
    } cases[] = {
        {"up", "yes"},
        {"last", ""},
        {"*.remote-id", "the id"},
        {"*.after", "wards"},
        {"*.child-sas.*.reqid", "4001"},
        {"*.child-sas.tcp-9000-2.reqid", "4002"},
        {"*.child-sas.*.only", "here"},
        {"*.*.*.local-ts", "first"},
        {"*.child-sas.*.none", NULL},
        {"*.child-sas.tcp-8000-1.only", NULL},
        {"remote-id", NULL},
        {"*.up", NULL},
        {"*.*.up", NULL},
        {"peer-10.77.0.2.remote-id", NULL}, /* a name with dots is only matched by "*" */
        {"*", NULL},
        {"", NULL},
        {".", NULL},
        {"*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.up", NULL},
    };
    struct vici_msg m;
    char got[40];
    build_event(&m);
    check(vici_ok(&m), "an event is built");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool found = vici_find_str(m.data, m.len, cases[i].path, got, sizeof got);
        check(found == (cases[i].want != NULL) && !strcmp(got, cases[i].want ? cases[i].want : ""),
              "path \"%s\" gives %s", cases[i].path, cases[i].want ? cases[i].want : "nothing");
    }
    check(vici_find_str(m.data, m.len, "*.remote-id", got, 4) && !strcmp(got, "the"),
          "a long value is cut to the buffer");
    check(!vici_find_str(NULL, 0, "up", got, sizeof got), "nothing is found in nothing");
    vici_free(&m);
}

int main(void)
{
    memset(long_text, 'x', sizeof long_text - 1);
    building();
    misuse();
    limits();
    reading();
    malformed();
    finding();
    return check_end();
}
