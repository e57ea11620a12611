build-san/obj/shim/run/elf.o: shim/run/elf.c shim/run/elf.h
shim/run/elf.h:
