# Two commands do everything: `make run` starts the app, `make test` passes all tests. Both install what they need.
SHELL := /bin/bash
export CGO_ENABLED := 1
TAGS := sqlite_fts5
DESKTOP_TAGS := desktop,production,webkit2_41,$(TAGS)
PROFILE ?=
DURATION ?= 60s
DATABASE ?= sqlite
GO ?= go
UI := frontend/dist/index.html
UI_SOURCES := $(shell find frontend/src frontend/public frontend/widget/src frontend/widget/frame.html frontend/widget/vite.config.ts frontend/scripts frontend/index.html frontend/*.ts frontend/package.json -type f 2>/dev/null)

.PHONY: run test test-go test-ui test-e2e test-window desktop-proof package package-proof picture build desktop bench load load-mail load-chat audit audit-app audit-mail mails letters lint fmt ui

run: ## starts the app: in a window where there is a display, in the browser otherwise
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		build/setup desktop && $(MAKE) desktop && exec build/bin/recado-desktop $(if $(PROFILE),--profile $(PROFILE)); \
	else \
		build/setup && $(MAKE) build && exec build/bin/recado browser $(if $(PROFILE),--profile $(PROFILE)); \
	fi

build: $(UI) ## the server, the commands and the browser app; needs no GTK
	$(GO) build -tags $(TAGS) -o build/bin/recado .

desktop: $(UI) ## the window
	$(GO) build -tags $(DESKTOP_TAGS) -o build/bin/recado-desktop .

ui: $(UI)

$(UI): frontend/node_modules/.package-lock.json $(UI_SOURCES)
	cd frontend && npm run build
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

test: ## everything
	build/setup test
	$(MAKE) lint
	$(MAKE) test-ui
	$(MAKE) build
	$(MAKE) test-go
	$(MAKE) test-e2e
	$(MAKE) test-window

test-ui: frontend/node_modules/.package-lock.json
	cd frontend && npm test

test-go:
	$(GO) test -race -tags $(TAGS) ./...

test-e2e: build ## two people in two apps and a server, driven through Chromium
	cd frontend && npm run e2e

test-window: ## the real window on a display of its own, with a real notification daemon
	build/setup window
	build/e2e/window-smoke.sh

desktop-proof: ## the app in an Xfce session of its own: tray, bubbles, links; pictures go to OUT
	build/setup proof
	build/e2e/desktop-proof.sh $(OUT)

package: $(UI) ## what people install, in build/bin: .deb, .rpm and tarball for Linux, an installer for Windows
	build/setup package
	build/package $(SYSTEM)

package-proof: ## installs the .deb here, uses it and removes it again; needs root
	build/setup proof
	build/e2e/package-proof.sh

picture: build ## takes the picture in README.md anew, from the app itself
	cd frontend && npm run e2e -- --config e2e/picture.config.ts

bench: ## figures; see app/ARCHITECTURE.md for what they say
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...

load: build ## measures a server under load from outside, on DATABASE=sqlite or postgres
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd load --recado build/bin/recado --database "$(DATABASE)"

load-mail: build ## 10,000 mails due at once: how fast they leave, and what it costs those who write; DATABASE=sqlite or postgres
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd mailload --recado build/bin/recado --database "$(DATABASE)"

load-chat: build ## measures the live chat from outside, with 2,000 visitors connected, on each database
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd chatload --recado build/bin/recado

audit: audit-app audit-mail ## kills the server at random moments and counts what is left; DURATION=60s on each database

audit-app: build ## people write in apps
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd crash --recado build/bin/recado --duration $(DURATION)

audit-mail: build ## agents and customers write by mail, through a mail server that fails them
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd mailcrash --recado build/bin/recado --duration $(DURATION)

mails: build ## posts 20,000 texts of the mails in MAILS=DIR and looks whether everybody has them as they were
	build/setup test
	$(GO) run -tags $(TAGS) ./app/audit/cmd mails --recado build/bin/recado --mails "$(MAILS)"

letters: ## reads the mails of the corpora in MAILS=DIR and prints what became of them
	$(GO) run -tags $(TAGS) ./app/audit/cmd letters --mails "$(MAILS)"

lint: frontend/node_modules/.package-lock.json
	@test -z "$$(gofmt -l main.go app frontend/*.go)" || { echo "not formatted, run make fmt:"; gofmt -l main.go app frontend/*.go; exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) tool staticcheck -tags $(TAGS) ./...
	cd frontend && npm run lint && npm run check

fmt: frontend/node_modules/.package-lock.json
	gofmt -w main.go app frontend/*.go
	cd frontend && npm run format
