#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The templates for CI: they are YAML of the right shape, and what they run does what they say.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	ci=$BATS_TEST_DIRNAME/../ci
	mkdir bin
	ln -s "$shmcheck" bin/shmcheck
	PATH=$PWD/bin:$PATH
}

# Prints what a Python expression makes of the YAML file's content, `it`.
yaml() {
	python3 -c 'import sys, yaml; it = yaml.safe_load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

@test "the GitHub action has the shape of a composite one, and uses just the inputs that it declares" {
	[ "$(yaml "$ci/github/action.yml" 'it["runs"]["using"]')" = composite ]
	[ "$(yaml "$ci/github/action.yml" 'set(it) <= {"name", "description", "inputs", "outputs", "runs", "branding"}')" = True ]
	[ "$(yaml "$ci/github/action.yml" 'all(("run" in s) != ("uses" in s) for s in it["runs"]["steps"])')" = True ]
	[ "$(yaml "$ci/github/action.yml" 'all("shell" in s for s in it["runs"]["steps"] if "run" in s)')" = True ]
	[ "$(yaml "$ci/github/action.yml" 'all("@v" in s["uses"] for s in it["runs"]["steps"] if "uses" in s)')" = True ]
	[ "$(yaml "$ci/github/action.yml" 'all(isinstance(i.get("default", ""), str) for i in it["inputs"].values())')" = True ]
	yaml "$ci/github/action.yml" '"\n".join(sorted(it["inputs"]))' >declared
	grep -v '^#' "$ci/github/action.yml" | grep -oE 'inputs\.[a-z]+' | sed 's/inputs\.//' | sort -u >used
	diff declared used
}

# What is typed by strangers reaches the shell in variables, never as text of the script.
@test "no script of the GitHub action has an expression in it" {
	[ "$(yaml "$ci/github/action.yml" 'any("${{" in s.get("run", "") for s in it["runs"]["steps"])')" = False ]
}

# Runs the action's step of that NAME as the runner does.
run_step() {
	yaml "$ci/github/action.yml" "[s for s in it['runs']['steps'] if s['name'] == '$1'][0]['run']" >step.sh
	shellcheck --shell=bash --severity=warning step.sh
	run bash --noprofile --norc -eo pipefail step.sh
}

@test "the GitHub action's step fails on a leak, annotates it and writes both files; it passes a clean program" {
	export RUN="perl -e '$perl_leak'" SHMCHECK_OPTIONS='--error-exitcode=42 --show=note' SARIF=out.sarif JUNIT=out.xml
	run_step "Run the tests under shmcheck"
	assert_status 42
	assert_output_line '^::error .*segment-leak'
	python3 -m json.tool out.sarif >/dev/null
	grep -q '"ruleId": *"segment-leak"' out.sarif
	grep -q '<failure ' out.xml
	export RUN="perl -e '$perl_clean'" SHMCHECK_OPTIONS=''
	run_step "Run the tests under shmcheck"
	assert_status 0
	run ! grep -q '<failure ' out.xml
}

@test "the GitHub action's installation takes a path or a URL" {
	# shellcheck disable=SC2016 # for the scripts
	printf '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\necho fetched >"$2"\n' >bin/curl
	printf '#!/bin/sh\n"$@"\n' >bin/sudo
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n[ "$1" = update ] || cat "$3"\n' >bin/apt-get
	chmod +x bin/*
	echo local >x.deb
	export RUNNER_TEMP=$PWD/temp
	mkdir temp
	PACKAGE=x.deb run_step "Install shmcheck"
	assert_output_line '^local$'
	PACKAGE=https://example.org/x.deb run_step "Install shmcheck"
	assert_output_line '^fetched$'
}

@test "the GitLab job keeps its reports, and its script fails on a leak and passes a clean program" {
	[ "$(yaml "$ci/gitlab.yml" 'it[".shmcheck"]["artifacts"]["when"]')" = always ]
	[ "$(yaml "$ci/gitlab.yml" 'it[".shmcheck"]["artifacts"]["reports"]["junit"]')" = shmcheck.xml ]
	[ "$(yaml "$ci/gitlab.yml" 'all(isinstance(v, str) for v in it[".shmcheck"]["variables"].values())')" = True ]
	yaml "$ci/gitlab.yml" '"\n".join(it[".shmcheck"]["before_script"] + it[".shmcheck"]["script"])' >job.sh
	SHMCHECK_RUN="perl -e '$perl_leak'" SHMCHECK_PACKAGE='' SHMCHECK_OPTIONS=--error-exitcode=42 run sh -e job.sh
	assert_status 42
	grep -q '<failure ' shmcheck.xml
	python3 -m json.tool shmcheck.sarif >/dev/null
	SHMCHECK_RUN="perl -e '$perl_clean'" SHMCHECK_PACKAGE='' SHMCHECK_OPTIONS='' run sh -e job.sh
	assert_status 0
}
