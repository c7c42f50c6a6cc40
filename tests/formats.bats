#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every report format against its schema, or its reader: the golden files, and what the commands write now.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	tests=$BATS_TEST_DIRNAME
	schema=$tests/../share/shmcheck-report.schema.json
}

# A program with findings of several kinds, a rule that has its effect, and a suppressed leak.
run_all_formats() {
	echo 'segment-leak:key=0x1234 # on purpose' >lines
	run "$shmcheck" run --show=note --events --suppressions=lines --inject='shmctl.RMID:error=EPERM' --report=text:text \
		--report=json:json --report=junit:junit --report=tap:tap --report=tap13:tap13 --report=sarif:sarif \
		--report=github:github -- perl -e 'my $i = shmget(0, 4096, 0666); shmctl($i, 0, 0);
			defined(shmget(0x1234, 4096, 0600 | 01000)) or die; shmget(0, 8192, 600) // die'
	assert_status 23
}

explore_all_formats() {
	run "$shmcheck" explore --calls=shmget --report=json:json --report=junit:junit --report=tap13:tap13 --report=sarif:sarif \
		--report=text:text --report=github:github -- perl -e "$perl_clean"
	[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || fail "status $status" "$output"
}

# A passing and a failing scenario.
play_all_formats() {
	mkdir -p scenes
	printf 'name: good\nprocesses: [{name: a, command: ["true"]}]\n' >scenes/good.yaml
	printf 'name: bad\nprocesses: [{name: a, command: ["false"]}]\nexpect:\n  processes: [{name: a, exit: 0}]\n' >scenes/bad.yaml
	run "$shmcheck" scenario --report=json:json --report=junit:junit --report=tap13:tap13 --report=sarif:sarif \
		--report=text:text scenes
	assert_status 1
}

@test "JSON: the golden files keep to the schema" {
	"$tests/valid" --lines --types=event,segment,rule,crash,finding,point,scenario,summary "$schema" "$tests"/golden/*.json
}

@test "JSON: run, explore and scenario keep to the schema" {
	run_all_formats
	"$tests/valid" --lines --types=event,segment,rule,finding,summary "$schema" json
	explore_all_formats
	"$tests/valid" --lines --types=point,summary "$schema" json
	play_all_formats
	"$tests/valid" --lines --types=scenario,summary "$schema" json
}

@test "JSON: the last object is the summary, and its counts are those of the findings" {
	run_all_formats
	python3 - <<-'END'
		import json
		objects = [json.loads(line) for line in open("json", encoding="utf-8")]
		assert objects[-1]["type"] == "summary"
		assert [o["type"] for o in objects].count("summary") == 1
		findings = [o for o in objects if o["type"] == "finding"]
		for severity in ("error", "warning", "note"):
		    counting = [f for f in findings if f["severity"] == severity and not f["known"]]
		    assert len(counting) == objects[-1][severity + "s"], severity
		assert objects[-1]["known"] == len([f for f in findings if f["known"]]) == 1
		events = [o for o in objects if o["type"] == "event"]
		assert len(events) == objects[-1]["events"]
		made = [e for e in events if e["event"] == "shmget" and e["created"]]
		segments = [o for o in objects if o["type"] == "segment"]
		assert len(made) == len(segments) == objects[-1]["segments_created"]
		assert any(e["injected"] and e["rule"] == 1 for e in events)
	END
}

@test "a schema that cannot fail is none: a wrong object is found" {
	sed -n '$p' "$tests/golden/clean.json" | sed 's/"errors":0/"errors":-1/' >negative
	run ! "$tests/valid" --lines "$schema" negative
	sed -n '$p' "$tests/golden/clean.json" | sed 's/"errors"/"error"/' >renamed
	run ! "$tests/valid" --lines "$schema" renamed
	sed -n '$p' "$tests/golden/clean.json" | sed 's/{"type"/{"more":1,"type"/' >grown
	run ! "$tests/valid" --lines "$schema" grown
	sed 's/"startLine": [0-9]*/"startLine": 0/' "$tests/golden/cases.sarif" >sarif
	run ! "$tests/valid" "$tests/schemas/sarif.json" sarif
	sed 's/<testcase classname="[^"]*"/<testcase/' "$tests/golden/cases.junit" >junit
	run ! xmllint --noout --schema "$tests/schemas/junit.xsd" junit
}

@test "JUnit: golden and new files keep to the schema" {
	xmllint --noout --schema "$tests/schemas/junit.xsd" "$tests"/golden/*.junit
	for write in run_all_formats explore_all_formats play_all_formats; do
		$write
		xmllint --noout --schema "$tests/schemas/junit.xsd" junit
	done
}

@test "JUnit: the counts are those of the testcases" {
	play_all_formats
	for file in junit "$tests"/golden/*.junit; do
		for pair in tests:testcase failures:testcase/failure errors:testcase/error; do
			[ "$(xmllint --xpath "string(/testsuites/@${pair%%:*})" "$file")" = \
				"$(xmllint --xpath "count(//${pair#*:})" "$file")" ] || fail "$pair in $file"
		done
	done
	[ "$(xmllint --xpath 'string(//testcase[failure]/@name)' junit)" = bad ]
	[ "$(xmllint --xpath 'string(//testcase[not(*)]/@name)' junit)" = good ]
}

# What prove counts in a file: "tests failed skipped", and no parse error.
proved() {
	perl -MTAP::Parser -e 'my $p = TAP::Parser->new({tap => do { local (@ARGV, $/) = @ARGV; <> }});
		$p->run; print join(" ", $p->tests_run, scalar($p->failed), scalar($p->skipped)), "\n"; print STDERR "$_\n" for $p->parse_errors;
		exit(scalar($p->parse_errors) ? 1 : 0)' "$1"
}

@test "JUnit: a libxml2 that cannot be loaded is told before anything runs, and concerns no other format" {
	echo rubbish >"$(ldconfig -p | sed -nE 's/^\s*(libxml2\.so\.[0-9]+) .*/\1/p' | head -1)"
	run env LD_LIBRARY_PATH="$PWD" "$shmcheck" run --report=junit:junit -- touch ran
	assert_status 125
	[[ $output == *"--report=junit needs libxml2"* ]] || fail "$output"
	[ ! -e ran ]
	run env LD_LIBRARY_PATH="$PWD" "$shmcheck" run --report=tap:tap -- touch ran
	assert_status 0
	[ -e ran ]
}

@test "TAP: prove reads version 13, and the rest of version 14 is equal" {
	for file in "$tests"/golden/*.tap; do
		[ "$(head -n 1 "$file")" = 'TAP version 14' ]
		sed '1s/14/13/' "$file" >older
		[ "$(proved older)" = "$(grep -cE '^(not )?ok ' "$file") $(grep -cE '^not ok ' "$file") $(grep -cE '^ok .* # SKIP ' "$file")" ] ||
			fail "$file: $(proved older 2>&1)"
	done
	run_all_formats
	[ "$(tail -n +2 tap)" = "$(tail -n +2 tap13)" ]
	for write in run_all_formats explore_all_formats play_all_formats; do
		$write
		proved tap13 || fail "$(cat tap13)"
		prove --exec cat tap13 >/dev/null && [ "$write" = explore_all_formats ] || grep -q '^not ok' tap13
	done
}

@test "SARIF: golden and new files keep to what the standard demands of them" {
	"$tests/valid" "$tests/schemas/sarif.json" "$tests"/golden/*.sarif
	for write in run_all_formats explore_all_formats play_all_formats; do
		$write
		"$tests/valid" "$tests/schemas/sarif.json" sarif
	done
	# The standard's own schema, for who has it.
	[ -z "${SARIF_SCHEMA:-}" ] || "$tests/valid" "$SARIF_SCHEMA" sarif "$tests"/golden/*.sarif
}

@test "SARIF: each result names its rule, and has a place" {
	run_all_formats
	python3 - sarif "$tests"/golden/*.sarif <<-'END'
		import json, sys
		for path in sys.argv[1:]:
		    run = json.load(open(path, encoding="utf-8"))["runs"][0]
		    rules = run["tool"]["driver"]["rules"]
		    assert len({r["id"] for r in rules}) == len(rules)
		    for result in run["results"]:
		        assert rules[result["ruleIndex"]]["id"] == result["ruleId"], path
		        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] not in ("", "unknown"), path
	END
}

@test "SARIF: a place is a source line, where there is one, relative to the folder that shmcheck runs in" {
	mkdir src
	printf '%s\n' '#include <sys/shm.h>' 'int main(void)' '{' '	return shmget(0, 4096, 0600) < 0;' '}' >src/leak.c
	gcc -g -o leak src/leak.c || skip "no compiler"
	run "$shmcheck" run --report=sarif:sarif --report=github:github -- ./leak
	assert_status 23
	grep -q '"uri": "src/leak.c"' sarif
	grep -q '"startLine": 4' sarif
	grep -q '^::error file=src/leak.c,line=4,title=shmcheck%3A segment-leak::' github
}

# Prints the fingerprints of a leak by the program in src/leak.c.
fingerprints() {
	gcc -g "$@" -o leak src/leak.c
	"$shmcheck" run --report=sarif:sarif --report=text:text -- ./leak || true
	grep -o '"shmcheck/v1": "[0-9a-f]*"' sarif
}

@test "a fingerprint stays when lines move, addresses change and the program is built anew; another place has another" {
	mkdir src
	local first
	printf '%s\n' '#include <sys/shm.h>' 'static int __attribute__((noinline)) make(void) { return shmget(0, 4096, 0600); }' \
		'int main(void) { return make() < 0; }' >src/leak.c
	first=$(fingerprints)
	[ -n "$first" ]
	[ "$(fingerprints)" = "$first" ]
	sed -i '1i // a line more' src/leak.c
	[ "$(fingerprints)" = "$first" ]
	[ "$(fingerprints -no-pie)" = "$first" ]
	[ "$(fingerprints -O1)" = "$first" ]
	sed -i 's/make(/other(/g' src/leak.c
	[ "$(fingerprints)" != "$first" ]
}

@test "GitHub: at most ten annotations of a kind, and all in the step's summary" {
	local kind
	: >summary
	echo '# an older step' >summary
	# 25 places, each with an error and a note
	for line in {1..25}; do
		echo "	shmget(0x1000 + $line, 4096, 01666);"
	done | sed '1i #include <sys/shm.h>\nint main(void) {
		$a }' >leaks.c
	gcc -g -o leaks leaks.c || skip "no compiler"
	GITHUB_STEP_SUMMARY=$PWD/summary run "$shmcheck" run --show=note --report=github:github --report=text:text -- ./leaks
	assert_status 23
	for kind in error notice; do
		[ "$(grep -c "^::$kind " github)" -eq 10 ]
	done
	grep -qx 'shmcheck: 30 more without an annotation: .*' github
	[ "$(grep -c '^| error | ' summary)" -eq 25 ]
	[ "$(grep -c '^| note | ' summary)" -eq 25 ]
	[ "$(head -n 1 summary)" = '# an older step' ]
}

@test "GitHub: no line but workflow commands comes from a hostile name" {
	! grep -vE '^(::(error|warning|notice) |shmcheck: [0-9]+ more )' "$tests"/golden/hostile.github || false
	[ "$(grep -c '' "$tests/golden/hostile.github")" -eq 2 ]
}

@test "no format lets a control character of a hostile name through" {
	LC_ALL=C run ! grep -lP '[\x00-\x08\x0b-\x1f\x7f]|\xff|\xfe' "$tests"/golden/*
	iconv -f UTF-8 -t UTF-16 <"$tests/golden/hostile.text" >/dev/null
}

@test "a reproduction can be pasted into a shell" {
	run "$shmcheck" run --report=tap:tap --inject='shmget:error=ENOSPC:when=2:expect=any' -- perl -e "$perl_leak" "it's" $'a\nb' ''
	assert_status 23
	line=$(sed -nE 's/^  reproduce: (".*")$/\1/p' tap | python3 -c 'import json, sys; print(json.load(sys.stdin))')
	eval "set -- $line"
	[ "$1 $2" = 'shmcheck run' ]
	[ "$3" = '--inject=shmget:error=ENOSPC:when=2:expect=any' ]
	[ "${*: -3}" = "it's a"$'\n'"b " ]
	shift
	run "$shmcheck" "$@"
	assert_status 23
}
