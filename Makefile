# The commands of the suite. Everything they fetch or build lives in one ignored folder (.suite).
#   make demo [PORT=8069] [BIND=127.0.0.1] [SUITE_DIR=.suite]
#   make test [ARGS="addons/lead_scoring -k decay"]
#   make bench [SIZE=small|medium|full] [ONLY="scoring paths"]
PYTHON ?= python3
ARGS ?=
export PORT BIND SUITE_DIR ODOO_HOME CHROMIUM SUITE_DATA SIZE ONLY REPEAT SEED

.PHONY: help demo stop reset shell test bench lint format screenshots terms setup

help:
	@echo "make demo         set up everything and serve the suite with its demo company"
	@echo "make stop         stop the demo; its data stays"
	@echo "make reset        throw the demo data away"
	@echo "make shell        an Odoo shell on the demo database (runs a script from standard input)"
	@echo "make test         all tests; ARGS chooses: an addon, a file, a stage, pytest options"
	@echo "make bench        how fast it is, beside Odoo's own and bare SQL; SIZE=small, medium, full"
	@echo "make lint         ruff, pylint-odoo, XML, CSV and po checks (make format mends)"
	@echo "make terms        export the terms of the addons and merge them into the translations"
	@echo "make screenshots  take the pictures of the documentation from the demo; ARGS names some"

demo stop reset bench lint format setup:
	@$(PYTHON) scripts/suite.py $@

shell:
	@$(PYTHON) scripts/suite.py shell

test terms screenshots:
	@$(PYTHON) scripts/suite.py $@ $(if $(ARGS),-- $(ARGS))
