/*
 * A set of policies and its resolved names as one file:
 *   btns-policy 1
 *   text SOURCE LENGTH SIGNATURE PATH      and so many octets, and a newline
 *   name KIND NAME VALUE...                a number, or addresses
 *   end SHA256                             of all before
 */
#include "btnsd/rules/compile/policy_set.h"

#include "btnsd/base/hex.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define HEAD      "btns-policy 1\n"
#define HASH_HEX  64
#define END_LEN   (4 + HASH_HEX + 1) /* "end HASH\n" */
#define LINE_MAX_ (LOOKUP_NAME_MAX + 64 + LOOKUP_ADDRESSES_MAX * BTNS_ADDR_STR)

static bool unhex_octets(const char *text, uint8_t *octets, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned octet;
        char two[3] = {text[2 * i], text[2 * i + 1], 0};
        if (strspn(two, "0123456789abcdef") != 2 || sscanf(two, "%x", &octet) != 1)
            return false;
        octets[i] = (uint8_t)octet;
    }
    return true;
}

static bool hash_set_data(const char *data, size_t len, char text[HASH_HEX + 1])
{
    uint8_t hash[32];
    unsigned n = sizeof hash;
    if (EVP_Digest(data, len, hash, &n, EVP_sha256(), NULL) != 1)
        return false;
    hex_write(text, hash, sizeof hash);
    return true;
}

/* ---- writing */

static void print_set_name(FILE *f, const struct lookup *l)
{
    char ip[BTNS_ADDR_STR];
    if (!l->found)
        return;
    fprintf(f, "name %d %s", l->kind, l->name);
    if (l->kind != LOOKUP_HOST)
        fprintf(f, " %u", l->number);
    for (unsigned i = 0; l->kind == LOOKUP_HOST && i < l->found; i++)
        fprintf(f, " %s", btns_addr_ip_str(&l->address[i], ip));
    fputc('\n', f);
}

static void print_policy_set(FILE *f, const struct policy_set *set, const struct lookups *names)
{
    char signature[2 * SIGNATURE_SIZE + 1];
    fputs(HEAD, f);
    for (unsigned i = 0; i < set->admins + set->packages + set->authors; i++) {
        const struct policy_text *t = &set->text[i];
        hex_write(signature, set->signature[i], SIGNATURE_SIZE);
        fprintf(f, "%s %d %zu %s %s\n", t->vendor ? "vendor" : "text", t->source, t->len, signature,
                t->file);
        fwrite(t->text, 1, t->len, f);
        fputc('\n', f);
    }
    for (size_t i = 0; names && i < names->n; i++)
        print_set_name(f, &names->item[i]);
}

int policy_set_print(FILE *f, const struct policy_set *set, const struct lookups *names)
{
    char *data = NULL, hash[HASH_HEX + 1];
    size_t len = 0;
    FILE *m = open_memstream(&data, &len);
    if (!m)
        return -ENOMEM;
    print_policy_set(m, set, names);
    int rc = fclose(m) || !hash_set_data(data, len, hash) ? -ENOMEM : 0;
    if (!rc) {
        fwrite(data, 1, len, f);
        fprintf(f, "end %s\n", hash);
    }
    free(data);
    return rc;
}

/* ---- reading */

struct parse {
    const char *at, *end;
    struct policy_set *set;
    struct lookups *names;
    size_t texts, addresses, names_max;
};

/* Copies the next line, without its newline, to `line`. */
static bool take_set_line(struct parse *p, char line[LINE_MAX_])
{
    const char *newline = memchr(p->at, '\n', (size_t)(p->end - p->at));
    size_t len = newline ? (size_t)(newline - p->at) : LINE_MAX_;
    if (len >= LINE_MAX_ || memchr(p->at, 0, len))
        return false;
    memcpy(line, p->at, len);
    line[len] = 0;
    p->at = newline + 1;
    return true;
}

static unsigned *count_of_source(struct policy_set *set, unsigned source)
{
    return source == SOURCE_ADMIN     ? &set->admins
           : source == SOURCE_PACKAGE ? &set->packages
           : source == SOURCE_AUTHORS ? &set->authors
                                      : NULL;
}

static bool take_set_text(struct parse *p, const char *line)
{
    unsigned source;
    size_t len;
    int n = 0, path = 0;
    struct policy_set *set = p->set;
    struct policy_text *t = &set->text[p->texts];
    if (p->texts == 3 * POLICY_FILES_MAX ||
        sscanf(line, "%*[a-z] %u %zu %n%*s %n", &source, &len, &n, &path) != 2 || !path)
        return false;
    unsigned *count = count_of_source(set, source);
    if (!count || *count == POLICY_FILES_MAX || len > POLICY_TEXT_MAX ||
        path - n != 2 * SIGNATURE_SIZE + 1 ||
        !unhex_octets(line + n, set->signature[p->texts], SIGNATURE_SIZE) || !line[path] ||
        strlen(line + path) >= sizeof t->file || (size_t)(p->end - p->at) < len + 1 ||
        p->at[len] != '\n')
        return false;
    /* The three kinds must come in order, as only a count says where each kind begins. */
    if ((source == SOURCE_ADMIN && (set->packages || set->authors)) ||
        (source == SOURCE_PACKAGE && set->authors))
        return false;
    t->text = malloc(len + 1);
    if (!t->text)
        return false;
    memcpy(t->text, p->at, len);
    t->text[len] = 0;
    t->len = len;
    t->source = source;
    t->vendor = *line == 'v';
    snprintf(t->file, sizeof t->file, "%s", line + path);
    ++*count;
    p->texts++;
    p->at += len + 1;
    return true;
}

static bool take_set_addresses(struct parse *p, char *words, struct lookup *l)
{
    struct btns_addr *to = p->names->address + p->addresses;
    char *save = NULL;
    l->address = to;
    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (l->found == LOOKUP_ADDRESSES_MAX || !btns_addr_parse(&to[l->found], w) ||
            to[l->found].scope)
            return false;
        l->found++;
    }
    p->addresses += l->found;
    return l->found;
}

static bool take_set_name(struct parse *p, char *line)
{
    unsigned kind;
    int name = 0, value = 0;
    struct lookups *names = p->names;
    struct lookup *l = &names->item[names->n];
    if (names->n == p->names_max || sscanf(line, "name %u %n%*s %n", &kind, &name, &value) != 1 ||
        !value || !line[value] || kind < LOOKUP_USER || kind > LOOKUP_HOST ||
        value - name - 1 > LOOKUP_NAME_MAX)
        return false;
    *l = (struct lookup){.kind = kind, .name = names->text + names->n * (LOOKUP_NAME_MAX + 1)};
    snprintf(names->text + names->n * (LOOKUP_NAME_MAX + 1), LOOKUP_NAME_MAX + 1, "%.*s",
             value - name - 1, line + name);
    names->n++;
    if (kind == LOOKUP_HOST)
        return take_set_addresses(p, line + value, l);
    char *end;
    unsigned long number = strtoul(line + value, &end, 10);
    l->number = (uint32_t)number;
    l->found = 1;
    return line[value] >= '0' && line[value] <= '9' && !*end && number < UINT32_MAX;
}

static bool is_set_text_line(const char *line)
{
    return !strncmp(line, "text ", 5) || !strncmp(line, "vendor ", 7);
}

static bool take_set_lines(struct parse *p)
{
    static char line[LINE_MAX_];
    while (p->at < p->end)
        if (!take_set_line(p, line) ||
            !(is_set_text_line(line) ? take_set_text(p, line) : take_set_name(p, line)))
            return false;
    return true;
}

static bool set_has_its_end(const char *data, size_t len)
{
    char hash[HASH_HEX + 1], wanted[END_LEN + 1];
    if (len < sizeof HEAD - 1 + END_LEN || memcmp(data, HEAD, sizeof HEAD - 1) ||
        !hash_set_data(data, len - END_LEN, hash))
        return false;
    snprintf(wanted, sizeof wanted, "end %s\n", hash);
    return !memcmp(data + len - END_LEN, wanted, END_LEN);
}

static size_t count_set_lines(const char *data, size_t len, const char *begin)
{
    size_t n = 0;
    for (const char *at = data; (at = memmem(at, len - (size_t)(at - data), begin, strlen(begin)));
         at++)
        n++;
    return n < LOOKUP_NAMES_MAX ? n : LOOKUP_NAMES_MAX;
}

int policy_set_parse(const char *data, size_t len, struct policy_set *set, struct lookups *names,
                     struct err *err)
{
    *set = (struct policy_set){0};
    *names = (struct lookups){0};
    if (!set_has_its_end(data, len)) {
        err_set(err, "it is not whole, or not of this format");
        return -EINVAL;
    }
    size_t most = count_set_lines(data, len, "\nname ");
    struct parse p = {data + sizeof HEAD - 1, data + len - END_LEN, set, names, 0, 0, most};
    set->text = calloc(3 * POLICY_FILES_MAX + 1, sizeof *set->text);
    set->signature = calloc(3 * POLICY_FILES_MAX + 1, sizeof *set->signature);
    names->item = calloc(most + 1, sizeof *names->item);
    names->text = calloc(most + 1, LOOKUP_NAME_MAX + 1);
    names->address = calloc(most * LOOKUP_ADDRESSES_MAX + 1, sizeof *names->address);
    if (!set->text || !set->signature || !names->item || !names->text || !names->address) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    if (take_set_lines(&p))
        return 0;
    err_set(err, "it is not of this format");
    return -EINVAL;
}
