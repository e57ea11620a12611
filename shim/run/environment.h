/* The environment of the program: what tells the loader and the shim what to do. */
#ifndef BTNS_RUN_ENVIRONMENT_H
#define BTNS_RUN_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

enum mode { MODE_RULES, MODE_PREFER, MODE_REQUIRE, MODE_BYPASS };

/* What the shim is told. */
struct orders {
    enum mode mode;
    uint64_t policy; /* handle, or 0 */
    bool verbose;
};

/*
 * What an outer btns-run has ordered: only when its shim is in LD_PRELOAD. BTNS_* variables
 * without that are nobody's orders, and all is zero.
 */
struct orders environment_inherited(void);

const char *environment_mode_name(enum mode mode);

/*
 * A new environment: this one without LD_PRELOAD and the shim's variables, plus what `orders` and
 * the shim's path make of them. Other libraries in LD_PRELOAD stay, behind the shim. NULL when
 * there is no memory. It is for execve(), and never freed.
 */
char **environment_make(const struct orders *orders, const char *shim);

#endif
