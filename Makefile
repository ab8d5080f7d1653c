# Phony one-line calls only: without make, run the same `python3 stack/….py` by hand.
PYTHON ?= python3

.PHONY: run test bench soak lock
run:
	@$(PYTHON) stack/run.py
test:
	@$(PYTHON) stack/test.py
bench:
	@$(PYTHON) stack/bench.py
soak:
	@$(PYTHON) stack/soak.py
lock:
	@$(PYTHON) stack/lock.py
