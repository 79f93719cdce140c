# Homebound. `make run` gives the running portal with its demo shop; `make test` passes all tests. Both install what they need.

.PHONY: run build dist test torture beside api fuzz check bench lighthouse clean site
SHELL := /bin/sh

run: build
	@echo
	@echo "  The portal is at http://127.0.0.1:3000 — stop it with Ctrl-C."
	@echo "  Click one of the demo orders on its front page. Mails are written to data/mail."
	@echo "  The data folder is ./data; remove it to start afresh."
	@echo
	@HOMEBOUND_DEMO=$${HOMEBOUND_DEMO:-true} HOMEBOUND_LANGUAGES=$${HOMEBOUND_LANGUAGES:-'["zh-CN","en","de","fr"]'} \
		target/release/homebound serve

build: site
	@echo "server: compiling (eight minutes the first time)"
	@cargo build --locked --release -p server

# The fastest server, with S3: target/dist/homebound; and the archive that a shop is run from, beside it.
dist: site
	@echo "server: compiling with every optimisation (a quarter of an hour the first time)"
	@cargo build --locked --profile dist -p server --features s3
	@tools/dist

# What browsers fetch. What is there already is kept where nothing it was made of has changed.
site:
	@tools/setup run
	@tools/front/build

test: site
	@tools/setup test
	@tools/test

# A server killed a thousand times on each database, every race two hundred times, twenty thousand requests dropped, two servers, a thousand
# backups restored.
torture:
	@tools/setup test
	@tools/torture

# A server of the version before beside one of this version; BEFORE=REVISION names another one.
beside: site
	@tools/setup test
	@tools/beside $(BEFORE)

# The machine interface against its document, on both databases, and clients generated from it. Half an hour.
api: site
	@tools/setup test
	@cargo build --locked -p server
	@tools/try-api && tools/with-postgres tools/try-api

# Hostile input, guided by coverage: each target for half an hour. About nine hours.
fuzz:
	@tools/setup fuzz
	@tools/fuzz 30

check:
	@tools/check

# Of the server that `make dist` makes.
bench: dist
	@tools/setup test
	@tools/bench

# Scores and paint times of the main pages on a simulated mid-range phone.
lighthouse: build
	@tools/setup test
	@tools/lighthouse

clean:
	cargo clean
