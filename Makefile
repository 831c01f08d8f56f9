# up: from a fresh machine to a running lab cluster. test: everything CI needs. down: nothing is left.
# status: how the stack's cluster is (PULUMI_STACK, the lab's by default); exit status 0 means healthy.
# bench: measures the same stack, see docs/performance.md; exit status 0 means measured, whatever the figures.
# env: the shell's lines for plain pulumi commands, as in: eval "$(make -s env)"
# vectors: tests RuVector, with an image that is built if need be; as root. It is no part of test.
.PHONY: up test down status bench env images vectors

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

# For your own hosts: make images REGISTRY=registry.example.com/team
# With UPDATE=yes images are built again, with Debian's security updates.
images:
	@images/build $(or $(REGISTRY),$(error say which registry: make images REGISTRY=registry.example.com/team)) $(if $(UPDATE),--update)

test:
	@test/all

vectors:
	@images/build --no-push --with-ruvector
	@test/ruvector/test
