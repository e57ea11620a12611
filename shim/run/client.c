/* What btns-run shares with btnsctl: one source, compiled into both programs. */
#include "../../libapi/ctl/ask.c"
#include "../../libapi/ctl/explain.c"
#include "../../libapi/ctl/find.c"
#include "../../libapi/ctl/options.c"
#include "../../libapi/ctl/target.c"
#include "../../libapi/ctl/text.c"
