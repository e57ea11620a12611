/* btnsd --drop-mandatory */
#ifndef BTNS_START_DROP_MANDATORY_H
#define BTNS_START_DROP_MANDATORY_H

/* Takes mandatory rules' entries out of the SPD; the exit status. */
int drop_mandatory(void);

#endif
