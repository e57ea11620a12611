# How the tests' own programs are built. Included by Makefile, which has the lists of them.

# A unit program is one file and all of btnsd but its main; a helper is one file.
$(BUILD)/unit/%: $(BUILD)/obj/test/unit/%.o $(call objects,$(BTNSD_BUT_MAIN))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) $(BTNSD_LIBS)
# Unit programs of btnsctl's rooms have all of btnsctl but its main.
comma := ,
# This test replaces the exchanges.
$(BUILD)/unit/latch/keying/proof: private LDFLAGS += $(addprefix -Wl$(comma)--wrap=,ike_prove ike_charge ike_cancel ike_close ike_close_keep ike_close_unanswered ike_end ike_is_ready serve_inlets)
$(BUILD)/unit/latch/keying/unowned_sas: private LDFLAGS += $(addprefix -Wl$(comma)--wrap=,sad_dump ike_close ike_icmp_end ike_expects)
$(BUILD)/unit/latch/guard/left_sas: private LDFLAGS += -Wl,--wrap=sad_dump_between
# Each request about the SPD is recorded.
$(BUILD)/unit/latch/guard/no_gap: private LDFLAGS += -Wl,--wrap=sad_dump_between,--wrap=guard_in_use,--wrap=spd_set,--wrap=spd_del
$(BUILD)/unit/latch/floor/floor_gap: private LDFLAGS += -Wl,--wrap=spd_set,--wrap=spd_del

$(BUILD)/unit/ctl/%: $(BUILD)/obj/test/unit/ctl/%.o $(call objects,$(filter-out btnsd/ctl/main.c,$(CTL)))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) $(BTNSD_LIBS)
# The library's requests to a btnsd with the next version of the protocol.
LATER = btnsd/requests/table.c btnsd/requests/api_answer.c btnsd/requests/watch.c
$(BUILD)/later/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DBTNS_API_VERSION=2u -MMD -MP -c -o $@ $<
$(UNITS_LATER): $(BUILD)/unit/requests/%-later: $(BUILD)/later/test/unit/requests/%.o \
  $(LATER:%.c=$(BUILD)/later/%.o) $(call objects,$(filter-out $(LATER),$(BTNSD_BUT_MAIN)))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) $(BTNSD_LIBS)
$(BUILD)/programs/%: test/programs/%.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) -Ilibapi $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< -lpthread $(HELPER_LIBS)
$(BUILD)/parts/%.o: test/%.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(CFLAGS) -MMD -MP -c -o $@ $<
parts = $(patsubst test/%.c,$(BUILD)/parts/%.o,$(wildcard test/$(1)/*.c))
define folder =
$(BUILD)/$(1): $(call parts,$(1))
	$$(call say,LINK)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(BASE) $$(CFLAGS) -o $$@ $$(filter %.o,$$^) -lpthread $$(HELPER_LIBS)
endef
$(foreach one,$(FOLDERS:%=programs/%) bench/net,$(eval $(call folder,$(one))))
$(BUILD)/programs/introduce: HELPER_LIBS = -lcrypto
# Programs that use the library, as their authors would write them.
LIBRARY_USERS = hello hello-tls ipsec-calls ipsec-errnos ipsec-messages ipsec-tls ipsec-tls-offer senders
$(LIBRARY_USERS:%=$(BUILD)/programs/%): HELPER_LIBS = -L$(BUILD) $(LIBRARY_TLS) -lbtns -Wl,-rpath,$(abspath $(BUILD))
$(addprefix $(BUILD)/programs/,hello-tls ipsec-tls ipsec-tls-offer): LIBRARY_TLS = -lbtns-openssl -lssl -lcrypto
$(LIBRARY_USERS:%=$(BUILD)/programs/%): $(BUILD)/libbtns.so $(BUILD)/libbtns-openssl.so

# The example, built by the command in its own comments.
$(BUILD)/programs/kv: libapi/example/kv.c $(BUILD)/libbtns.so $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) -Ilibapi $(CFLAGS) -o $@ $< -L$(BUILD) -lbtns -Wl,-rpath,$(abspath $(BUILD))

# The stand-in for btnsd in tests.
$(BUILD)/programs/mock: $(call objects,$(call in,test/mock) libapi/wire/addr.c)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link)

# What `make bench` runs: small programs, one that decides as btnsd does, and a btnsd that does without ESP (pretend.c).
$(BUILD)/bench/%: test/bench/%.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(BENCH_LIBS)
$(BUILD)/bench/net-static: $(call parts,bench/net)
	$(call say,LINK)
	$(Q)$(CC) $(BASE) $(CFLAGS) -static -o $@ $^
$(BUILD)/bench/tls $(BUILD)/bench/dtls: BENCH_LIBS = -lssl -lcrypto
$(BUILD)/bench/library: BENCH_LIBS = -Ilibapi -L$(BUILD) -lbtns -Wl,-rpath,$(abspath $(BUILD))
$(BUILD)/bench/library: $(BUILD)/libbtns.so
$(BUILD)/bench/decide $(BUILD)/bench/parts: $(BUILD)/bench/%: $(BUILD)/obj/test/bench/%.o $(call objects,$(BTNSD_BUT_MAIN))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) $(BTNSD_LIBS)
$(BUILD)/bench/pretend/btnsd: $(BUILD)/obj/test/bench/pretend.o $(call objects,$(BTNSD))
	$(call say,LINK)
	@mkdir -p $(@D)
	$(link) -Wl,--wrap=xfrm_probe,--wrap=guard_want $(BTNSD_LIBS)

# Static programs, which no preloaded library reaches.
$(STATIC:%=$(BUILD)/programs/%-static): $(BUILD)/programs/%-static: test/programs/%.c $(BUILD)/flags
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(CFLAGS) -static -MMD -MP -MF $@.d -o $@ $<
