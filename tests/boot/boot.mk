# Real boots in QEMU: `make boot`, or `make boot CASE=1`. Needs root.

BOOT = PYTHONPATH=tests $(PYTHON) -B -m boot

include tests/boot/guest/guest.mk

.PHONY: boot check-boot boot-root
boot: boot-root
	@sh deploy/setup boot
	@$(MAKE) --no-print-directory all join-tools boot-guest
	@$(BOOT) $(CASE)

boot-root:
	@[ "$$(id -u)" = 0 ] || { \
	    echo "make boot: needs root, for network namespaces" >&2; exit 1; }

# Those that CI runs.
check-boot: all lab-tools boot-guest
	@$(BOOT) 1 3 4 10

# The ROM's script alone, in QEMU without root; some minutes, on demand.
.PHONY: check-script
check-script:
	@$(call pytest,tests/boot/test_script.py)
