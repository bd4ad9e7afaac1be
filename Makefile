# Short names for what ./run does; nothing here is needed to use or test Peakend.
.PHONY: check laws sim crash bench demo

check: ## ruff format --check, ruff check, mypy --strict src, pytest
	./run test

laws: ## the properties alone, with many more examples, new ones every time
	PEAKEND_LAWS=1 ./run test -m "law or hypothesis"

sim: ## the whole simulation study of find: 200 worlds a scenario, against the published thresholds
	PEAKEND_SIM=1 ./run test tests/test_find_study.py

crash: ## kill -9 at every statement of ingest and tick, and at every edge of a delivery
	PEAKEND_CRASH=1 ./run test tests/test_loop_crash.py tests/test_delivery_crash.py

bench: ## events a second, peak memory, and the ratio to DuckDB's scan
	./run bench

demo: ## the first-run report
	./run demo
