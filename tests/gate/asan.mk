# The gate under sanitizers: nginx' core from Debian's source, with its patches,
# and our module, both with the address and undefined-behaviour sanitizers. Pools
# become malloc (NGX_DEBUG_PALLOC), or they would hide every overrun; without
# -fno-sanitize=nonnull-attribute the core itself trips at start.

ASAN_NGINX  := build/asan/nginx
ASAN_SOURCE := build/tools/nginx-source
ASAN_FLAGS  := -fsanitize=address,undefined -fno-sanitize=nonnull-attribute

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
    $(MODULE_DIR)sources
	@echo "  configure $(ASAN_NGINX)"
	@cd $(ASAN_NGINX)/source && ./configure --builddir=../objs \
	    --prefix=/usr/share/nginx --error-log-path=stderr --with-compat \
	    --with-debug --with-threads --with-http_ssl_module \
	    --with-http_v2_module --with-http_realip_module \
	    --with-http_auth_request_module --without-http_gzip_module \
	    --without-http_grpc_module --without-http_memcached_module \
	    --with-cc-opt='-O1 -g -fno-omit-frame-pointer $(ASAN_FLAGS) -DNGX_DEBUG_PALLOC=1' \
	    --with-ld-opt='$(ASAN_FLAGS)' \
	    --add-dynamic-module=$(CURDIR)/$(EA) >../configure.log 2>&1 || \
	    { tail -n 20 ../configure.log >&2; exit 1; }

$(ASAN_NGINX)/objs/nginx: $(ASAN_NGINX)/objs/Makefile \
    $(wildcard $(EA)/src/*.[ch] $(EA)/core/*.[ch] $(EA)/store/*.[ch])
	@echo "  make $(ASAN_NGINX)"
	@rm -rf $(ASAN_NGINX)/objs/addon
	@mkdir -p $(addprefix $(ASAN_NGINX)/objs/addon/,src core store)
	@cd $(ASAN_NGINX)/source && $(MAKE) -s -f ../objs/Makefile \
	    binary modules >../make.log 2>&1 || \
	    { tail -n 20 ../make.log >&2; exit 1; }

.PHONY: gate-asan check-gate-asan
gate-asan: $(ASAN_NGINX)/objs/nginx

# The same tests; a report in any log fails the test that ran.
check-gate-asan: gate-asan programs tools
	@NGINX=$(CURDIR)/$(ASAN_NGINX)/objs/nginx \
	    EDGE_MODULE=$(CURDIR)/$(ASAN_NGINX)/objs/ngx_http_edge_auth_module.so \
	    ASAN_OPTIONS=detect_leaks=0 \
	    $(call pytest,tests/gate $(wildcard tests/faults/test_gate_*.py))
