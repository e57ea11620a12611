/* Parses the values of policy files strictly, with faults that say what to write. */
#ifndef BTNS_RULES_COMPILE_VALUE_H
#define BTNS_RULES_COMPILE_VALUE_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/fault.h"

/*
 * A decimal number without leading zeros (libconfuse and C take 010 for 8). False: it is something
 * else.
 */
bool value_number(const char *text, unsigned *number);
/* The number of a user or group: the same, up to 4294967294. */
bool value_id(const char *text, uint32_t *id);
/* The index of text in a table of names ended by NULL, or -1. */
int value_word(const char *const *names, const char *text);

/* Each of these returns 0, or -EINVAL with a fault at the line. */
int value_check_name(const char *text, unsigned line, struct policy_fault *f);
int value_check_glob(const char *text, unsigned line, struct policy_fault *f);
int policy_prefix(const char *text, struct prefix *p, unsigned line, struct policy_fault *f);
int value_ports(const char *text, struct ports *p, unsigned line, struct policy_fault *f);

#endif
