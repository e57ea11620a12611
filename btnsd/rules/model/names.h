/* The words of policy files for our enums, in the enums' order; each table ends with NULL. */
#ifndef BTNS_RULES_MODEL_NAMES_H
#define BTNS_RULES_MODEL_NAMES_H

extern const char *const policy_identities[];
extern const char *const policy_keys[];
extern const char *const policy_seen[];
extern const char *const policy_sign_auths[];
extern const char *const policy_ao_algorithms[];

#endif
