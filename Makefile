# up: from a fresh machine to a running lab cluster. test: everything CI needs. down: nothing is left.
# env: the shell's lines for plain pulumi commands, as in: eval "$(make -s env)"
.PHONY: up test down env images

up:
	@lab/cluster up

down:
	@lab/cluster down

env:
	@lab/cluster env

# For your own hosts: make images REGISTRY=registry.example.com/team
images:
	@images/build $(or $(REGISTRY),$(error say which registry: make images REGISTRY=registry.example.com/team))

test:
	@test/all
