TOOL := go tool -modfile=tools/go.mod

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Play the whole loop here, without a Slack account
	go run ./cmd/smileybot demo

.PHONY: build
build: ## Build ./smileybot for this machine
	go build -trimpath -ldflags='-s -w -buildid= -X main.version=$(VERSION)' -o smileybot ./cmd/smileybot

.PHONY: release
release: ## Build dist/, archives and packages for two architectures: make release VERSION=v1.2.3
	bash packaging/release.sh $(VERSION)

.PHONY: test
test: ## Run the tests, with the race detector and in random order
	go test -race -shuffle=on ./...

.PHONY: lint
lint: ## Look for mistakes and broken arrows
	$(TOOL) golangci-lint run

.PHONY: fmt
fmt: ## Format the code
	$(TOOL) golangci-lint fmt

.PHONY: fuzz
fuzz: ## Fuzz every entry point for ten minutes each
	FUZZTIME=10m bash .ci/run fuzz

.PHONY: bench
bench: ## Measure what must be fast, side by side with a ceiling
	go run ./test/bench
	go test ./store -run='^$$' -bench='^BenchmarkTallies$$' -benchtime=2000x

.PHONY: soak
soak: ## Kill and disturb the program, cut the power, fill the disk and disturb Slack for an hour
	go test ./test/soak -count=1 -parallel=8 -timeout=4h -v -kills=500 -disturbed=40m -cuts=0
	go test ./bot -run='^TestABadDay$$' -count=1 -timeout=4h -v -days=12 -day-ratings=300

.PHONY: screenshots
screenshots: ## Take the pictures of the documentation again (needs Chromium)
	SCREENSHOTS=$(CURDIR)/docs/pictures go test -run='^TestScreenshots$$' -count=1 ./demo

.PHONY: vuln
vuln: ## Look for known vulnerabilities that the code reaches
	$(TOOL) govulncheck ./...

.PHONY: image
image: ## Build the container image
	docker build --tag smileybot .

.PHONY: check
check: ## Everything that must pass before a merge
	bash .ci/run
