/*
 * Reads VICI messages: a cursor over bytes from outside, and values found by their path
 * (strongSwan's vici README, "Message format").
 */
#include "btnsd/ike/vici/vici.h"

#include <string.h>

#define DEPTH_MAX VICI_DEPTH_MAX

void vici_reader_init(struct vici_reader *r, const void *data, size_t len)
{
    *r = (struct vici_reader){.data = data, .len = len};
}

static bool take_vici_name(struct vici_reader *r, struct vici_item *it)
{
    if (r->at == r->len)
        return false;
    size_t len = r->data[r->at];
    if (!len || len > r->len - r->at - 1)
        return false;
    memcpy(it->name, r->data + r->at + 1, len);
    it->name[len] = '\0';
    r->at += 1 + len;
    return strlen(it->name) == len; /* a NUL inside would make two names look the same */
}

static bool take_vici_value(struct vici_reader *r, struct vici_item *it)
{
    if (r->len - r->at < 2)
        return false;
    size_t len = (size_t)r->data[r->at] << 8 | r->data[r->at + 1];
    if (len > r->len - r->at - 2)
        return false;
    it->value = r->data + r->at + 2;
    it->len = len;
    r->at += 2 + len;
    return true;
}

/* For each element: where it may stand, its contents, and its effect on the depth. */
static const struct rule {
    bool ok, in_list, named, valued;
    int depth; /* the change */
    bool list_after;
} rules[] = {
    [VICI_SECTION] = {.ok = true, .named = true, .depth = 1},
    [VICI_SECTION_END] = {.ok = true, .depth = -1},
    [VICI_KV] = {.ok = true, .named = true, .valued = true},
    [VICI_LIST] = {.ok = true, .named = true, .list_after = true},
    [VICI_ITEM] = {.ok = true, .in_list = true, .valued = true, .list_after = true},
    [VICI_LIST_END] = {.ok = true, .in_list = true},
};

static bool next_vici_fits(const struct vici_reader *r, const struct rule *rule)
{
    if (!rule->ok || rule->in_list != r->in_list)
        return false;
    return rule->depth > 0 ? r->depth < DEPTH_MAX : !rule->depth || r->depth;
}

enum vici_element vici_next(struct vici_reader *r, struct vici_item *it)
{
    it->type = VICI_BAD;
    it->name[0] = '\0';
    it->value = NULL;
    it->len = 0;
    if (r->at == r->len) {
        it->type = r->depth || r->in_list ? VICI_BAD : VICI_END;
        return it->type;
    }
    uint8_t type = r->data[r->at];
    if (type >= sizeof rules / sizeof *rules || !next_vici_fits(r, &rules[type]))
        return VICI_BAD; /* the cursor stays, so a bad message stays bad */
    const struct rule *rule = &rules[type];
    struct vici_reader after = *r;
    after.at++;
    if ((rule->named && !take_vici_name(&after, it)) ||
        (rule->valued && !take_vici_value(&after, it)))
        return VICI_BAD;
    after.depth = (unsigned)((int)after.depth + rule->depth);
    after.in_list = rule->list_after;
    *r = after;
    return it->type = (enum vici_element)type;
}

/* ---- finding ---- */

struct search {
    const char *at[DEPTH_MAX + 1]; /* the path's components, ended by a dot or NUL */
    unsigned parts;
    unsigned matched; /* enclosing sections that are those of the path */
};

static bool split_vici_path(struct search *s, const char *path)
{
    *s = (struct search){0};
    for (;; path++) {
        if (s->parts == DEPTH_MAX + 1)
            return false;
        s->at[s->parts++] = path;
        path = strchrnul(path, '.');
        if (!*path)
            return true;
    }
}

static bool is_path_part(const struct search *s, unsigned i, const char *name, bool section)
{
    size_t len = (size_t)(strchrnul(s->at[i], '.') - s->at[i]);
    if (section && len == 1 && *s->at[i] == '*')
        return true;
    return strlen(name) == len && !memcmp(s->at[i], name, len);
}

/* Follows the sections; true when the path's last component is this key or list. */
static bool vici_search_step(struct search *s, unsigned depth, const struct vici_item *it)
{
    if (it->type == VICI_SECTION && s->matched == depth - 1 && depth < s->parts)
        s->matched += is_path_part(s, depth - 1, it->name, true);
    else if (it->type == VICI_SECTION_END && s->matched > depth)
        s->matched = depth;
    return (it->type == VICI_KV || it->type == VICI_LIST) && s->matched == depth &&
           depth == s->parts - 1 && is_path_part(s, depth, it->name, false);
}

bool vici_find(const void *data, size_t len, const char *path, const uint8_t **value, size_t *vlen)
{
    struct search s;
    struct vici_reader r;
    struct vici_item it;
    bool found = false, list_found = false;
    *value = NULL;
    *vlen = 0;
    if (!split_vici_path(&s, path))
        return false;
    vici_reader_init(&r, data, len);
    /* Reads to the end even when the value is found: a malformed message is not believed at all. */
    while (vici_next(&r, &it) > VICI_END) {
        bool hit = vici_search_step(&s, r.depth, &it) || (list_found && it.type == VICI_ITEM);
        list_found = hit && it.type == VICI_LIST;
        if (!hit || list_found || found)
            continue;
        found = true;
        *value = it.value;
        *vlen = it.len;
    }
    if (found && it.type == VICI_END)
        return true;
    *value = NULL;
    *vlen = 0;
    return false;
}

bool vici_find_str(const void *data, size_t len, const char *path, char *buf, size_t size)
{
    const uint8_t *value;
    size_t vlen;
    if (!size)
        return false;
    buf[0] = '\0';
    if (!vici_find(data, len, path, &value, &vlen))
        return false;
    if (vlen >= size)
        vlen = size - 1;
    memcpy(buf, value, vlen);
    buf[vlen] = '\0';
    return true;
}
