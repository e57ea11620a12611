/* The file of a certificate authority that a policy names, and the forms of an id in certificates.
 */
#ifndef BTNS_RULES_AUTHORITY_H
#define BTNS_RULES_AUTHORITY_H

#include "libapi/wire/err.h"

#include <stdbool.h>

#define AUTHORITY_MAX 65536 /* octets of a file of certificates */

/* A descriptor of root's file at an absolute path, or -errno with err; private: nobody but it and
 * its group may read it. */
int authority_open(const char *path, bool private, struct err *err);
/* Root's file at an absolute path, whole, for free(); NULL with err. private: nobody else may read
 * it; else everybody can, so that btnsd gives nobody what he could not see. */
char *authority_read_file(const char *path, bool private, struct err *err);
/* The one certificate in the file, which must be an authority's, as PEM for free(); NULL with err.
 */
char *authority_read(const char *path, struct err *err);

/* A certificate (X509 of OpenSSL) as PEM, for free(); NULL: no memory. */
char *certificate_pem(const void *x509);

/* What kind of name an id is: useipsec, section 8 d. */
enum id_form { ID_FQDN, ID_USER_FQDN, ID_DN, ID_BAD };
enum id_form id_form(const char *id);

#endif
