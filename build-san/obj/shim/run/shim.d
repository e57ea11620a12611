build-san/obj/shim/run/shim.o: shim/run/shim.c shim/run/shim.h \
 shim/run/../../btnsd/err.h shim/run/elf.h
shim/run/shim.h:
shim/run/../../btnsd/err.h:
shim/run/elf.h:
