/* btnsd --drop-mandatory: deletes the SPD entries of mandatory rules. */
#ifndef BTNS_START_DROP_MANDATORY_H
#define BTNS_START_DROP_MANDATORY_H

/* Deletes the entries; returns the exit status. */
int drop_mandatory(void);

#endif
