build-san/obj/shim/run/main.o: shim/run/main.c \
 shim/run/../../libapi/ctl/options.h \
 shim/run/../../libapi/ctl/../../btnsd/err.h \
 shim/run/../../libapi/ctl/text.h shim/run/check.h shim/run/plan.h \
 shim/run/environment.h shim/run/program.h shim/run/refuse.h \
 shim/run/elf.h shim/run/../../btnsd/err.h shim/run/shim.h \
 shim/run/exits.h
shim/run/../../libapi/ctl/options.h:
shim/run/../../libapi/ctl/../../btnsd/err.h:
shim/run/../../libapi/ctl/text.h:
shim/run/check.h:
shim/run/plan.h:
shim/run/environment.h:
shim/run/program.h:
shim/run/refuse.h:
shim/run/elf.h:
shim/run/../../btnsd/err.h:
shim/run/shim.h:
shim/run/exits.h:
