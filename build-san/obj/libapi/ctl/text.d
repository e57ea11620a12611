build-san/obj/libapi/ctl/text.o: libapi/ctl/text.c libapi/ctl/text.h
libapi/ctl/text.h:
