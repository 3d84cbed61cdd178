# `make` prints this help. Everything goes through ./postrider, which finds the right JDK.

URL ?= http://127.0.0.1:8000
DATA ?= $(or $(POSTRIDER_HOME),.postrider)

.DEFAULT_GOAL := help
.PHONY: help run test check fault campaign fmt bench image demo

help: ## Print this help
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: ## Start the service; builds it first when sources changed
	./postrider run

test: ## Run the quick tests: all but end to end and fault
	./postrider mvn test

check: ## The gate: format, warnings, every test
	./postrider test

fault: ## Kills, cuts, delays and lies: the smoke of the campaign and its mutants; part of check
	./postrider mvn -Pfault verify

campaign: ## Every experiment of the fault campaign; SEED=... repeats one, ONLY=A1,B2 picks some
	./postrider campaign "$(SEED)" "$(ONLY)"

fmt: ## Format the sources
	./postrider mvn spotless:apply

bench: ## Run the bench; leave the machine alone meanwhile
	./postrider bench

image: ## Build the container image
	docker build --tag postrider:0.1.0 .

demo: ## Send one message through the sandbox of a service that runs (make run), and explain it
	@set -eu; \
	key="$${POSTRIDER_ADMIN_KEY:-$$(cat $(DATA)/admin-key)}"; \
	post() { curl -fsS -H "X-Api-Key: $$1" -H 'Content-Type: application/json' -d "$$3" "$(URL)$$2"; }; \
	app=$$(post "$$key" /api/applications "{\"app_name\":\"demo $$(date +%s)\"}"); \
	id=$$(printf '%s' "$$app" | sed -n 's/.*"app_id":\([0-9]*\).*/\1/p'); \
	live=$$(printf '%s' "$$app" | sed -n 's/.*"api_key":"\([^"]*\)".*/\1/p'); \
	post "$$live" "/api/applications/$$id/senders" '{"provider":"sandbox","is_default":true}' >/dev/null; \
	message=$$(post "$$live" "/api/messages/$$id" '{"message_content":"Hello","recipient":"+4915112340000"}'); \
	echo "$$message"; \
	number=$$(printf '%s' "$$message" | sed -n 's/.*"message_id":\([0-9]*\).*/\1/p'); \
	sleep 1; \
	curl -fsS -H "X-Api-Key: $$live" "$(URL)/api/messages/$$id/$$number/explain"; \
	echo
