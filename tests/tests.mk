# How each room of tests is run.

$(eval $(call unit,core,$(CORE_SRCS),libcrypto))

.PHONY: check check-unit
check: check-unit

check-unit: $(TESTS)
	@for t in $(TESTS); do echo "== $$t"; $$t || exit 1; done
