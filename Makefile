# Thin wrappers: everything is in bin/dev.py, which needs only Python. `python3 bin/dev.py --help` lists the rest.
.PHONY: run test check
run test check:
	@python3 bin/dev.py $@
