# Broadsheet. `make help` lists the targets. BUILD= chooses the folder for what is built.
BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
VERSION := 0.1.0

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wwrite-strings -Wstrict-prototypes \
        -Wmissing-prototypes -Wundef -Wconversion
WERROR ?= -Werror
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))
HARDEN := -O2 -g -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 -fPIE -fno-plt
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DBROADSHEET_PROVE
LIBS := libarchive libcurl gmime-3.0 libmicrohttpd sqlite3 icu-i18n icu-uc yaml-0.1 libsodium libdeflate libbrotlienc
CPPFLAGS += -D_GNU_SOURCE -Isrc -include base/banned.h -DBROADSHEET_VERSION='"$(VERSION)"'
LIBCFLAGS = $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS = $(shell pkg-config --libs $(LIBS) 2>/dev/null) -lmd4c -linih -lstemmer -lpthread -lm
COMMON = -std=gnu17 $(WARN) $(WERROR) $(CPPFLAGS) $(LIBCFLAGS) -MMD -MP

SRC := $(sort $(wildcard src/*/*.c))
OBJ := $(SRC:src/%.c=$(BUILD)/obj/%.o)
TOBJ := $(SRC:src/%.c=$(BUILD)/tobj/%.o)
TESTS := $(sort $(patsubst test/%.c,$(BUILD)/test/%,$(wildcard test/*/test_*.c)))

.PHONY: all
all: packages
	@$(MAKE) --no-print-directory $(PARALLEL) $(BUILD)/broadsheet

# The desk's editor: one script, with the licences of what is in it.
$(BUILD)/desk-editor.js: $(wildcard desk-ui/*.ts) tools/bundle node_modules/.package-lock.json
	@mkdir -p $(@D)
	tools/bundle desk-ui/editor.ts $@

THEME := $(shell find theme -type f 2>/dev/null)
$(BUILD)/theme.s $(BUILD)/theme.c &: $(THEME) $(BUILD)/desk-editor.js tools/embed node_modules/.package-lock.json
	@mkdir -p $(@D)
	tools/embed theme node_modules $(BUILD)/theme.s $(BUILD)/theme.c $(BUILD)/desk-editor.js

$(BUILD)/theme_data.o: $(BUILD)/theme.s
	$(CC) -c -o $@ $<
$(BUILD)/theme_table.o: $(BUILD)/theme.c
	$(CC) -O2 $(COMMON) -c -o $@ $<

node_modules/.package-lock.json: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The theme is checked before the program that holds it is linked.
$(BUILD)/check-theme: tools/check_theme.c $(OBJ) $(BUILD)/theme_data.o $(BUILD)/theme_table.o
	@$(CC) $(HARDEN) $(COMMON) -pie -o $@ $^ $(LDFLAGS) $(LDLIBS)
$(BUILD)/theme.checked: $(BUILD)/check-theme
	@$(BUILD)/check-theme && touch $@

$(BUILD)/broadsheet: $(OBJ) $(BUILD)/obj/main.o $(BUILD)/theme_data.o $(BUILD)/theme_table.o | $(BUILD)/theme.checked
	@echo '  ld $@'
	@$(CC) $(HARDEN) -pie -Wl,-z,relro,-z,now -o $@ $^ $(LDFLAGS) $(LDLIBS)

$(BUILD)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(HARDEN) $(COMMON) -c -o $@ $<

# What the tests link is the program with sanitizers and with its guards named (see base/guard.h).
$(BUILD)/tobj/%.o: src/%.c
	@mkdir -p $(@D)
	@echo '  cc $< (test)'
	@$(CC) $(SANITIZE) $(COMMON) -c -o $@ $<

$(BUILD)/libtest.a: $(TOBJ) $(BUILD)/theme_data.o $(BUILD)/theme_table.o
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/test/%: test/%.c $(BUILD)/libtest.a
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(SANITIZE) $(COMMON) -Itest -o $@ $< $(BUILD)/libtest.a $(LDFLAGS) -lcmocka -lbrotlidec -lz $(LDLIBS)

$(BUILD)/bench/pages: WRAP = -Wl,--wrap=finished_make
$(BUILD)/bench/pages: LDLIBS += -lz
# What measures is linked against the program's own objects, without sanitizers.
$(BUILD)/bench/%: bench/%.c $(OBJ) $(BUILD)/theme_data.o $(BUILD)/theme_table.o
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(HARDEN) $(COMMON) -pie $(WRAP) -o $@ $^ $(LDFLAGS) $(LDLIBS)

# The program itself as the tests have it: with sanitizers, and guards and pauses that can be set.
$(BUILD)/test/broadsheet: src/main.c $(BUILD)/libtest.a
	@mkdir -p $(@D)
	@echo '  ld $@'
	@$(CC) $(SANITIZE) $(COMMON) -o $@ $< $(BUILD)/libtest.a $(LDFLAGS) $(LDLIBS)

# Fuzz targets as programs that read files: make test runs them over what was found before.
FUZZ := $(patsubst test/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard test/fuzz/*.c))
$(BUILD)/fuzz/%: test/fuzz/%.c $(BUILD)/libtest.a
	@mkdir -p $(@D)
	@echo '  cc $<'
	@$(CC) $(SANITIZE) $(COMMON) -Wno-missing-prototypes -o $@ $< $(BUILD)/libtest.a $(FUZZLINK) $(LDFLAGS) $(LDLIBS)

.PHONY: fuzz
fuzz:
	@tools/packages long
	@tools/fuzz

.PHONY: packages
packages:
	@tools/packages build

.PHONY: run
run:
	@tools/packages run
	@$(MAKE) --no-print-directory all
	@tools/run-demo $(BUILD)/broadsheet

# Sanitizers, page tests, and a walk in a browser; ends in "N passed, N failed".
.PHONY: test
test:
	@tools/packages test
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory $(PARALLEL) tests
	@tools/run-tests $(TESTS)

# What measures is built as well, so that a change of an interface can't break it unseen.
.PHONY: tests
tests: $(TESTS) $(FUZZ) $(BUILD)/bench/pages $(BUILD)/bench/publish

# The long checks as well: every guard switched off in turn, load, faults, attacks, fuzzing.
.PHONY: test-all
test-all: test prove
	@tools/packages long
	@tools/packages peers
	@tools/test-long

# What docs/benchmarks.md is made from; leaves its figures in build/bench.
.PHONY: bench
bench:
	@tools/packages long
	@tools/packages peers
	@$(MAKE) --no-print-directory all
	node bench/hit.mjs
	node bench/publish.mjs
	node bench/growth.mjs
	node bench/desk.mjs
	node bench/typing.mjs
	node bench/peers.mjs
	node bench/report.mjs

.PHONY: prove
prove: tests
	@tools/prove $(BUILD)/test test/prove.list

.PHONY: lint
lint:
	cppcheck --quiet --enable=warning,portability --inline-suppr --error-exitcode=1 -Isrc src
	clang-tidy --quiet --checks=-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-implicit-widening-of-multiplication-result,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling $(SRC) -- $(COMMON)

.PHONY: format
format:
	clang-format -i src/*/*.[ch] test/*/*.c

.PHONY: install
install: all
	install -D $(BUILD)/broadsheet $(DESTDIR)$(PREFIX)/bin/broadsheet
	install -D -m 644 docs/broadsheet.1 $(DESTDIR)$(PREFIX)/share/man/man1/broadsheet.1

.PHONY: clean
clean:
	rm -rf $(BUILD)

.PHONY: help
help:
	@echo 'make          build the program'
	@echo 'make run      make and serve the demo newsroom'
	@echo 'make test     build and run the tests'
	@echo 'make test-all the long checks too: load, faults, attacks, fuzzing'
	@echo 'make bench    measure against nginx, a bare loop, Ghost and WordPress, and as the archive grows'
	@echo 'make fuzz     each fuzz target for a minute'
	@echo 'make prove    switch each guard off and see its test fail'
	@echo 'make lint     clang-tidy and cppcheck'
	@echo 'make install  install program and man page below PREFIX'

-include $(OBJ:.o=.d) $(TOBJ:.o=.d) $(TESTS:=.d) $(BUILD)/obj/main.d
