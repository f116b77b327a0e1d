# The gate under sanitizers: nginx' core from Debian's source, with its patches,
# and our module, both with the address and undefined-behaviour sanitizers. Pools
# become malloc (NGX_DEBUG_PALLOC), or they would hide every overrun; without
# -fno-sanitize=nonnull-attribute the core itself trips at start, and without
# NGX_HAVE_NONALIGNED=0 where it compares methods four bytes at a time.

ASAN_NGINX  := build/asan/nginx
ASAN_SOURCE := build/tools/nginx-source
ASAN_FLAGS  := -fsanitize=address,undefined -fno-sanitize=nonnull-attribute \
    -fno-sanitize-recover=undefined
ASAN_DEFINE := -DNGX_DEBUG_PALLOC=1 -DNGX_HAVE_NONALIGNED=0

$(ASAN_NGINX)/source/configure:
	@test -d $(ASAN_SOURCE) || { \
	    echo "no $(ASAN_SOURCE): run 'sh deploy/setup test'" >&2; exit 1; }
	@rm -rf $(ASAN_NGINX) && mkdir -p $(ASAN_NGINX)/source
	@tar -xzf $(ASAN_SOURCE)/nginx_*.orig.tar.gz -C $(ASAN_NGINX)/source \
	    --strip-components=1
	@tar -xJf $(ASAN_SOURCE)/nginx_*.debian.tar.xz -C $(ASAN_NGINX)/source
	@cd $(ASAN_NGINX)/source && grep -v '^#' debian/patches/series | \
	    while read -r p; do patch -s -p1 <debian/patches/$$p || exit 1; done
	@touch $@

# auto/options names each; what the gate does not use is left out for speed.
$(ASAN_NGINX)/objs/Makefile: $(ASAN_NGINX)/source/configure $(EA)/config \
    tests/gate/asan.mk $(MODULE_DIR)sources
	@echo "  configure $(ASAN_NGINX)"
	@cd $(ASAN_NGINX)/source && ./configure --builddir=../objs \
	    --prefix=/usr/share/nginx --error-log-path=stderr --with-compat \
	    --with-debug --with-threads --with-http_ssl_module \
	    --with-http_v2_module --with-http_realip_module \
	    --with-http_auth_request_module --without-http_gzip_module \
	    --without-http_grpc_module --without-http_memcached_module \
	    --with-cc-opt='-O1 -g -fno-omit-frame-pointer $(ASAN_FLAGS) $(ASAN_DEFINE)' \
	    --with-ld-opt='$(ASAN_FLAGS)' \
	    --add-dynamic-module=$(CURDIR)/$(EA) >../configure.log 2>&1 || \
	    { tail -n 20 ../configure.log >&2; exit 1; }

# Nothing is deleted in between: nginx' makefile knows which object needs what.
# The stamp is newer than all of them, which neither program need be.
$(ASAN_NGINX)/built: $(ASAN_NGINX)/objs/Makefile $(MODULE_SRCS)
	@echo "  make $(ASAN_NGINX)"
	@cd $(ASAN_NGINX)/source && $(MAKE) -s -f ../objs/Makefile \
	    binary modules >../make.log 2>&1 || \
	    { tail -n 20 ../make.log >&2; exit 1; }
	@touch $@

.PHONY: gate-asan gate-asan-built check-gate-asan
gate-asan:
	@mkdir -p $(dir $(ASAN_NGINX))
	@flock $(ASAN_NGINX).lock $(MAKE) --no-print-directory gate-asan-built
gate-asan-built: $(ASAN_NGINX)/built

# The same tests, and whatever a sanitizer has to say goes into a folder that
# must be empty at the end (or, since nginx writes over its environment, into a
# log that the tests look through). Leaks are looked for when a process ends;
# what nginx itself leaves is named in leaks.supp.
ASAN_REPORTS := $(ASAN_NGINX)/reports
ASAN_LOG      = log_path=$(CURDIR)/$(ASAN_REPORTS)/report
check-gate-asan: gate-asan programs tools
	@rm -rf $(ASAN_REPORTS) && mkdir -p $(ASAN_REPORTS)
	@NGINX=$(CURDIR)/$(ASAN_NGINX)/objs/nginx \
	    EDGE_MODULE=$(CURDIR)/$(ASAN_NGINX)/objs/ngx_http_edge_auth_module.so \
	    ASAN_OPTIONS=$(ASAN_LOG):detect_leaks=1:detect_stack_use_after_return=1 \
	    LSAN_OPTIONS=suppressions=$(CURDIR)/tests/gate/leaks.supp:print_suppressions=0 \
	    UBSAN_OPTIONS=$(ASAN_LOG):print_stacktrace=1:halt_on_error=1 \
	    $(call pytest,tests/gate $(wildcard tests/faults/test_gate_*.py)); \
	    status=$$?; for report in $(ASAN_REPORTS)/*; do \
	    test -e $$report && { echo "== $$report"; cat $$report; status=1; }; \
	    done; exit $$status
