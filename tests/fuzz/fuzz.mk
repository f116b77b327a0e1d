# Fuzz targets: tests/fuzz/fuzz_NAME.c, corpus in tests/fuzz/corpus/NAME/.
# `make check-corpus` replays under the sanitizers; `make fuzz` explores with
# libFuzzer for FUZZ_SECONDS each. A target of another layer adds its own
# call of `fuzzer`.

FUZZ_SECONDS ?= 60
FUZZERS      :=

# $(call fuzzer,NAME,SOURCES UNDER TEST,PKG-CONFIG NAMES)
define fuzzer
FUZZERS += $(1)
$(B)/fuzz/$(1): $(call objects,tests/fuzz/fuzz_$(1).c tests/fuzz/replay.c $(2))
	@mkdir -p $$(@D)
	@echo "  ld $$@"
	@$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(shell $$(PKG_CONFIG) --libs $(3))
build/libfuzzer/$(1): tests/fuzz/fuzz_$(1).c $(2)
	@mkdir -p $$(@D)
	@echo "  clang $$@"
	@clang -std=c11 -D_GNU_SOURCE -O1 -g $$(INCLUDES) -Itests/fuzz \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	    -o $$@ $$^ $$(shell $$(PKG_CONFIG) --libs $(3))
-include $(patsubst %.c,$(B)/obj/%.d,tests/fuzz/fuzz_$(1).c)
.PHONY: fuzz-$(1)
fuzz-$(1): build/libfuzzer/$(1)
	@mkdir -p build/corpus/$(1)
	@nice build/libfuzzer/$(1) -max_total_time=$$(FUZZ_SECONDS) -max_len=4096 \
	    -artifact_prefix=build/corpus/$(1)- -print_final_stats=1 \
	    build/corpus/$(1) tests/fuzz/corpus/$(1)
endef

$(foreach name,body ids pepper record redact request script token, \
    $(eval $(call fuzzer,$(name),$(CORE_SRCS),libcrypto)))
$(eval $(call fuzzer,yaml,$(CG_BASE_SRCS) $(CG_YAML_SRCS) $(CORE_SRCS),\
    yaml-0.1 libcrypto))
$(foreach name,cel patch, \
    $(eval $(call fuzzer,$(name),$(CG_BASE_SRCS) $(CG_YAML_SRCS) \
    $(CG_TALOS_SRCS) $(CORE_SRCS),yaml-0.1 libzstd libcrypto)))

$(B)/obj/tests/fuzz/fuzz_keyd_%.o: INCLUDES += -I$(EA)/edge-keyd
build/libfuzzer/keyd_%: INCLUDES += -I$(EA)/edge-keyd
$(foreach name,keyd_line keyd_answer, \
    $(eval $(call fuzzer,$(name),$(KEYD_SRCS) $(CORE_SRCS),\
    libcrypto jansson libcurl)))

.PHONY: check-corpus replay-corpus fuzz
check-corpus:
	@$(MAKE) --no-print-directory FLAVOUR=asan replay-corpus

replay-corpus: $(addprefix $(B)/fuzz/,$(FUZZERS))
	@for t in $(FUZZERS); do echo "== $$t"; \
	    $(B)/fuzz/$$t tests/fuzz/corpus/$$t || exit 1; done

fuzz: $(addprefix fuzz-,$(FUZZERS))
