# up: creates the lab and a cluster in it. down: removes both.
# test: runs all tests that CI needs.
# status: health of a stack's cluster (PULUMI_STACK, or the lab's); exit status 0 means healthy.
# bench: measures the same stack, see docs/performance.md; exit status 0 means that everything was measured.
# drills: breaks the lab's running cluster on purpose and measures it, see docs/reliability.md; SCENARIO=name RUNS=n.
# soak: the same in a random sequence for MINUTES; SEED=number repeats a sequence.
# env: prints the shell lines for plain pulumi commands, as in: eval "$(make -s env)"
# images: builds the images for your own hosts.
# vectors: tests RuVector, with an image that is built if necessary; as root. It is not part of test.
.PHONY: up test down status bench drills soak env images vectors

up:
	@lab/cluster up

down:
	@lab/cluster down

env:
	@lab/cluster env

status:
	@PATH=$$(engine/node):$$PATH node cli/status.ts status --stack $(or $(PULUMI_STACK),dev)

bench:
	@[ -n "$$PULUMI_STACK" ] || { env=$$(lab/cluster env) && eval "$$env"; } && PATH=$$(engine/node):$$PATH node bench/bench.ts

drills:
	@env=$$(lab/cluster env) && eval "$$env" && node test/drills/drills.ts "$(SCENARIO)" "$(RUNS)"

soak:
	@env=$$(lab/cluster env) && eval "$$env" && node test/drills/soak.ts "$(MINUTES)" "$(SEED)"

# For your own hosts: make images REGISTRY=registry.example.com/team
# With UPDATE=yes images are built again, with Debian's security updates.
images:
	@images/build $(or $(REGISTRY),$(error REGISTRY is not set; run: make images REGISTRY=registry.example.com/team)) $(if $(UPDATE),--update)

test:
	@test/all

vectors:
	@images/build --no-push --with-ruvector
	@test/ruvector/test
