build-san/obj/libapi/key.o: libapi/key.c libapi/key.h
libapi/key.h:
