/*
 * Reads service units: sections, continued lines, settings that add to a list and those that empty
 * it; systemd.syntax(7).
 */
#include "btnsd/ctl/cover/unit_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BLANK " \t"

static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};

static bool is_unit_yes(const char *value)
{
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!strcmp(value, yes[i]))
            return true;
    return false;
}

static int add_unit_command(struct unit_text *u, const char *value, struct err *err)
{
    if (!*value) {
        u->commands = 0;
        return 0;
    }
    if (u->commands == UNIT_COMMANDS) {
        err_set(err, "it has more than %d ExecStart= lines", UNIT_COMMANDS);
        return -E2BIG;
    }
    snprintf(u->command[u->commands++], UNIT_LINE, "%s", value);
    return 0;
}

static void remove_unit_listed_name(struct unit_list *l, const char *name)
{
    char spaced[128];
    int n = snprintf(spaced, sizeof spaced, " %s ", name);
    char *at = n < (int)sizeof spaced ? strstr(l->names, spaced) : NULL;
    if (at)
        memmove(at, at + n - 1, strlen(at + n - 1) + 1);
}

/* A later line of the other kind (with or without ~) removes names from the list. */
static int change_unit_list(struct unit_list *l, char *value, struct err *err)
{
    bool denies = *value == '~';
    char *save = NULL;
    if (!*value) {
        *l = (struct unit_list){0};
        return 0;
    }
    if (!l->set) {
        l->set = true;
        l->denies = denies;
        strcpy(l->names, " ");
    }
    for (char *name = strtok_r(value + denies, BLANK, &save); name;
         name = strtok_r(NULL, BLANK, &save)) {
        size_t at = strlen(l->names);
        if (denies != l->denies) {
            remove_unit_listed_name(l, name);
        } else if ((size_t)snprintf(l->names + at, sizeof l->names - at, "%s ", name) >=
                   sizeof l->names - at) {
            err_set(err, "a list in it is longer than %d characters", UNIT_LINE);
            return -E2BIG;
        }
    }
    return 0;
}

static int take_unit_setting(struct unit_text *u, const char *name, char *value, struct err *err)
{
    if (!strcmp(name, "ExecStart"))
        return add_unit_command(u, value, err);
    if (!strcmp(name, "RestrictAddressFamilies"))
        return change_unit_list(&u->families, value, err);
    if (!strcmp(name, "SystemCallFilter"))
        return change_unit_list(&u->calls, value, err);
    if (!strcmp(name, "RootDirectory") || !strcmp(name, "RootImage"))
        snprintf(u->root, sizeof u->root, "%s", strcmp(value, "/") ? value : "");
    else if (!strcmp(name, "PrivateNetwork"))
        u->own_network = is_unit_yes(value);
    else if (!strcmp(name, "NetworkNamespacePath"))
        u->own_network = *value;
    else if (!strcmp(name, "NoExecPaths"))
        u->few_programs = *value;
    return 0;
}

static char *trim_unit_text(char *text)
{
    text += strspn(text, BLANK);
    size_t len = strlen(text);
    while (len && strchr(BLANK, text[len - 1]))
        text[--len] = '\0';
    return text;
}

struct reader {
    struct unit_text *u;
    char line[UNIT_LINE]; /* a line with all its continuation lines */
    bool in_service;
};

static int take_unit_line(struct reader *r, struct err *err)
{
    char *line = trim_unit_text(r->line), *equals = strchr(line, '=');
    int rc = 0;
    if (*line == '[') {
        r->in_service = !strcmp(line, "[Service]");
    } else if (r->in_service && equals) {
        *equals = '\0';
        rc = take_unit_setting(r->u, trim_unit_text(line), trim_unit_text(equals + 1), err);
    }
    r->line[0] = '\0';
    return rc;
}

/* Appends a physical line. True: the logical line continues. */
static bool add_unit_line_part(struct reader *r, const char *text, size_t len, bool *too_long)
{
    size_t at = strlen(r->line);
    bool goes_on = len && text[len - 1] == '\\';
    int n = snprintf(r->line + at, sizeof r->line - at, "%.*s%s", (int)(len - goes_on), text,
                     goes_on ? " " : "");
    *too_long |= (size_t)n >= sizeof r->line - at;
    return goes_on;
}

int unit_text_read(const char *text, struct unit_text *u, struct err *err)
{
    struct reader r = {.u = u};
    bool too_long = false;
    int rc = 0;
    *u = (struct unit_text){0};
    while (*text && !rc) {
        size_t len = strcspn(text, "\n");
        const char *first = text + strspn(text, BLANK);
        bool comment = *first == '#' || *first == ';';
        if (!comment && !add_unit_line_part(&r, text, len, &too_long))
            rc = take_unit_line(&r, err);
        text += len + (text[len] == '\n');
        if (too_long) {
            err_set(err, "a line in it is longer than %d characters", UNIT_LINE);
            rc = -E2BIG;
        }
    }
    return rc ? rc : take_unit_line(&r, err);
}

bool unit_list_has(const struct unit_list *l, const char *name)
{
    char spaced[128];
    return (size_t)snprintf(spaced, sizeof spaced, " %s ", name) < sizeof spaced &&
           strstr(l->names, spaced);
}

size_t unit_prefix(const char *command)
{
    return strspn(command, "@-:+!");
}

bool unit_program(const char *command, char *program, size_t size)
{
    const char *at = command + unit_prefix(command);
    const char end[2] = {*at == '"' || *at == '\'' ? *at : ' ', '\0'};
    at += *end != ' ';
    size_t len = *end == ' ' ? strcspn(at, BLANK) : strcspn(at, end);
    if (!len || len >= size)
        return false;
    memcpy(program, at, len);
    program[len] = '\0';
    return true;
}
