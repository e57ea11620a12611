build-san/obj/shim/run/refuse.o: shim/run/refuse.c shim/run/refuse.h \
 shim/run/elf.h
shim/run/refuse.h:
shim/run/elf.h:
