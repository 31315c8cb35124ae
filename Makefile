# Thin wrappers: everything is in bin/dev.py, which needs only Python. `python3 bin/dev.py --help` lists the rest.
# Options are passed on: make run ARGS="--port 8100"
.PHONY: run test check
run test check:
	@python3 bin/dev.py $@ $(ARGS)
