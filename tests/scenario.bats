#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2012,SC2030,SC2031
# What `shmcheck scenario` does with several processes: order, signals, expectations. Bad files: scenario_files.bats.

load scenario

@test "a reader that comes first finds nothing, every time" {
	scenario <<-'YAML'
	name: reader first
	repeat: 20
	processes:
	  - {name: writer, command: [programs/actor, create=0x51, attach, write=hello, detach, remove]}
	  - {name: reader, command: [programs/actor, find=0x51]}
	order:
	  - reader.shmget.1 < writer.shmget.1
	expect:
	  processes:
	    - {name: reader, exit: 1, stderr: "find: No such file*"}
	  findings: []
	  segments-left: 0
	YAML
	passes
}

@test "a reader that comes later finds what was written, every time" {
	scenario <<-'YAML'
	name: hand-over
	repeat: 20
	processes:
	  - {name: reader, command: [programs/actor, find=0x51, attach, read, detach, remove]}
	  - {name: writer, command: [programs/actor, create=0x51, attach, write=hello, point=written, detach]}
	order:
	  - writer.shmget < reader.shmget
	  - writer.point.written < reader.shmat
	expect:
	  processes:
	    - {name: reader, stdout: hello}
	  findings: ["remove-foreign 0..1"]
	  segments-left: 0
	YAML
	passes
}

@test "a long chain of constraints, by command and by call, is kept" {
	scenario <<-'YAML'
	name: chain
	processes:
	  - {name: a, command: [programs/actor, create=1, stat, stat, stat, remove]}
	  - {name: b, command: [programs/actor, create=2, stat, stat, stat, remove]}
	order:
	  - a.shmget < b.shmget < a.shmctl.STAT.1 < b.shmctl.STAT.1 < a.shmctl.STAT.2 < b.shmctl.STAT.2
	  - b.shmctl.STAT.2 < a.shmctl.STAT.3 < b.shmctl.3 < a.shmctl.RMID < b.shmctl.RMID
	expect: {findings: []}
	YAML
	passes
}

@test "an order that goes round at run time is told at once, with who waits for what" {
	scenario <<-'YAML'
	name: everybody waits
	timeout: 20s
	processes:
	  - {name: a, command: [programs/actor, create=1, create=2, remove]}
	  - {name: b, command: [programs/actor, create=3, create=4, remove]}
	order:
	  - b.point.x < a.shmget.1
	  - a.shmget.2 < b.shmget.1
	YAML
	local begin=$SECONDS
	run_scenario
	[ "$status" -eq 1 ]
	[ $((SECONDS - begin)) -lt 10 ]
	[[ $output == *"order: it cannot be met:"* ]]
	[[ $output =~ a\ \(pid\ [0-9]+\)\ waits\ at\ a.shmget.1\ for\ b.point.x.1 ]]
	[[ $output =~ b\ \(pid\ [0-9]+\)\ waits\ at\ b.shmget.1\ for\ a.shmget.2 ]]
}

@test "a call that never comes since its process has ended is told at once" {
	scenario <<-'YAML'
	name: never
	timeout: 20s
	processes:
	  - {name: a, command: [programs/actor, create=1, remove]}
	  - {name: b, command: [programs/actor, create=3, remove]}
	order:
	  - a.shmget.2 < b.shmget.1
	YAML
	local begin=$SECONDS
	run_scenario
	[ "$status" -eq 1 ]
	[ $((SECONDS - begin)) -lt 10 ]
	[[ $output =~ b\ \(pid\ [0-9]+\)\ waits\ at\ b.shmget.1\ for\ a.shmget.2,\ which\ cannot\ come:\ a\ has\ ended\ \(exited\ 0\)\ after\ 1\ of\ these\ calls ]]
}

@test "a parent that waits for its child which waits for the parent's other child: seen though nobody sleeps on ours" {
	scenario <<-'YAML'
	name: parent
	timeout: 20s
	processes:
	  - {name: a, command: [programs/actor, fork, create=1, remove, end, wait, create=2, remove]}
	order:
	  - a.shmget.1 < a@1.shmget.1
	YAML
	local begin=$SECONDS
	run_scenario
	[ "$status" -eq 1 ]
	[ $((SECONDS - begin)) -lt 10 ]
	[[ $output =~ a@1\ \(pid\ [0-9]+\)\ waits\ at\ a@1.shmget.1\ for\ a.shmget.1 ]]
}

@test "a child that was never forked cannot come" {
	scenario <<-'YAML'
	name: no child
	timeout: 20s
	processes:
	  - {name: a, command: [programs/actor, create=1, remove]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	order:
	  - a@1.shmget < b.shmget
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"which cannot come: a has ended (exited 0) and never had that child"* ]]
}

@test "a constraint that nothing came of fails" {
	scenario <<-'YAML'
	name: untried
	processes:
	  - {name: a, command: [programs/actor, create=1, remove]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	order:
	  - a.shmget.1 < b.shmget.2
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"order: a.shmget.1 < b.shmget.2 was never tried: b.shmget.2 never came"* ]]
}

@test "forked children have their roles, starts and exits" {
	scenario <<-'YAML'
	name: children
	repeat: 10
	processes:
	  - {name: a, command: [programs/actor, fork, print=one, end, fork, print=two, end, wait, wait, print=both]}
	  - {name: b, command: [programs/actor, create=1, print=b, remove]}
	order:
	  - a@2.exit < a@1.start
	  - a@1.exit < b.shmget < a.exit
	expect:
	  processes:
	    - {name: a, stdout: "two\none\nboth"}
	YAML
	passes
}

@test "a process is started at a point, and stopped at another" {
	scenario <<-'YAML'
	name: start and stop
	repeat: 10
	processes:
	  - {name: server, command: [programs/actor, create=1, pause], stop: {after: [client.exit]}}
	  - {name: client, command: [programs/actor, find=1, attach, detach], start-after: [server.shmget]}
	  - {name: last, command: [programs/actor, find=1, remove]}
	order:
	  - server.exit < last.start
	expect:
	  findings: ["remove-foreign 0..1"]
	  segments-left: 0
	YAML
	passes
}

@test "a stop that is caught ends as it likes" {
	scenario <<-'YAML'
	name: caught
	processes:
	  - name: server
	    command: [programs/actor, catch=2, create=1, point=ready, pause, remove]
	    stop: {after: [server.point.ready], signal: SIGINT}
	expect:
	  processes: [{name: server, exit: 0, stdout: "caught 02"}]
	YAML
	passes
}

@test "signals come at their points: after a call, and before one" {
	scenario <<-'YAML'
	name: signals
	repeat: 10
	processes:
	  - {name: a, command: [programs/actor, create=1, remove, print=no]}
	  - {name: b, command: [programs/actor, catch=10, create=2, stat, stat, remove]}
	  - {name: c, command: [programs/actor, create=3, remove, print=no]}
	order:
	  - b.shmctl.STAT.1 < a.shmget
	signals:
	  - {signal: SIGKILL, to: a, after: a.shmget}
	  - {signal: SIGUSR1, to: b, before: b.shmctl.STAT.2}
	  - {signal: SIGKILL, to: c, before: c.shmget}
	expect:
	  processes:
	    - {name: a, signal: SIGKILL, stdout: ""}
	    - {name: b, exit: 0, stdout: "caught 10"}
	    - {name: c, signal: SIGKILL, stdout: ""}
	  findings: [segment-leak]
	  segments-left: 1
	YAML
	passes
}

@test "a signal for one that waits reaches it there, and its handler runs" {
	scenario <<-'YAML'
	name: waiting and signalled
	repeat: 10
	processes:
	  - {name: a, command: [programs/actor, catch=10, point=ready, create=1, remove]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	order:
	  - a.point.ready < b.shmget
	  - b.shmctl.RMID < a.shmget
	signals:
	  - {signal: SIGUSR1, to: a, after: b.shmget}
	expect:
	  processes: [{name: a, exit: 0, stdout: "caught 10"}]
	YAML
	passes
}

@test "a signal for nobody fails" {
	scenario <<-'YAML'
	name: in vain
	processes:
	  - {name: a, command: [programs/actor]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	order: [a.exit < b.shmget]
	signals: [{signal: SIGUSR1, to: a, after: b.shmget}]
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"signals: SIGUSR1 to a was sent in vain: nobody was there"* ]]
}

@test "instances have roles of their own, and one name for all" {
	scenario <<-'YAML'
	name: instances
	processes:
	  - {name: writer, command: [programs/actor, create=1, attach, write=x, detach, remove]}
	  - {name: reader, instances: 4, command: [programs/actor, find=1, attach, read, detach]}
	order:
	  - writer.shmdt < reader.shmget
	  - reader.exit < writer.shmctl.RMID
	inject: ["reader-3/shmat:error=ENOMEM"]
	expect:
	  processes:
	    - {name: reader, exit: 0, stdout: x}
	    - {name: reader-3, exit: 1, stdout: "", stderr: "attach: Cannot allocate memory"}
	YAML
	passes
}

@test "findings are counted: too many, too few, and none where none was named" {
	scenario <<-'YAML'
	name: leaks
	processes: [{name: a, command: [programs/actor, create=1, create=2]}]
	expect: {findings: ["segment-leak 2"]}
	YAML
	passes
	scenario <<-'YAML'
	name: leaks
	processes: [{name: a, command: [programs/actor, create=1, create=2]}]
	expect: {findings: ["segment-leak 3+"]}
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"findings: segment-leak: 2, expected at least 3"* ]]
	scenario <<-'YAML'
	name: leaks
	processes: [{name: a, command: [programs/actor, create=1, create=2]}]
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"findings: segment-leak: 2, expected none"* ]]
	[[ $output == *"actor.c"* ]]
}

@test "status, output and segments that are not as expected are told" {
	scenario <<-'YAML'
	name: wrong
	processes: [{name: a, command: [programs/actor, create=1, print=hello, complain=oh, exit=3]}]
	expect:
	  processes: [{name: a, exit: 2, stdout: "hullo", stderr-regex: "^ah"}]
	  findings: [segment-leak]
	  segments-left: 0
	  segments: [{key: 1, size: 8192, mode: 0644}, {key: 2}, {key: 1, exists: false}]
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"a: it exited 3, expected exit 2"* ]]
	[[ $output == *"a: stdout is 'hello', expected 'hullo'"* ]]
	[[ $output == *"a: stderr is 'oh', expected a match of '^ah'"* ]]
	[[ $output == *"segments-left: 1, expected 0"* ]]
	[[ $output == *"segment 0x1: it has 4096 bytes, expected 8192"* ]]
	[[ $output == *"segment 0x1: its mode is 0600, expected 0644"* ]]
	[[ $output == *"segment 0x2: it is not there, expected it to be"* ]]
	[[ $output == *"segment 0x1: it is there, expected it not to be"* ]]
}

@test "planted segments are found, and are never counted" {
	scenario <<-'YAML'
	name: planted
	segments:
	  - {key: 0x77, size: 4096, content: "left over", fill: 0x2e}
	  - {key: 0x78, size: 64, content-hex: "01 02 ff"}
	processes: [{name: a, command: [programs/actor, find=0x77, attach, read, write=new, detach]}]
	expect:
	  processes: [{name: a, exit: 0, stdout: "left over.*"}]
	  findings: []
	  segments-left: 0
	  segments:
	    - {key: 0x77, size: 4096, mode: 0600, content: "new*"}
	    - {key: 0x77, offset: 4, content-regex: "^ over"}
	    - {key: 0x78, content-hex: "01 02 ff 00"}
	YAML
	passes
}

@test "limits are those of the namespace" {
	scenario <<-'YAML'
	name: limits
	limits: {shmmni: 1}
	processes: [{name: a, command: [programs/actor, create=1, create=2]}]
	expect:
	  processes: [{name: a, exit: 1, stderr: "create: No space left*"}]
	  findings: [segment-leak]
	YAML
	passes
}

@test "environment, standard input and folder are the process's own" {
	mkdir "$BATS_TEST_TMPDIR/here"
	export SCENARIO_TEST=outer
	scenario <<-'YAML'
	name: surroundings
	processes:
	  - {name: a, environment: [SCENARIO_TEST=inner], command: [programs/actor, environment=SCENARIO_TEST]}
	  - {name: b, environment: [SCENARIO_TEST], command: [programs/actor, environment=SCENARIO_TEST]}
	  - {name: c, command: [programs/actor, environment=SCENARIO_TEST, cat], stdin: "text"}
	  - {name: d, command: [programs/actor, cat], stdin-file: scenario.yaml}
	  - {name: e, command: [pwd], folder: here}
	  - {name: f, command: [pwd]}
	expect:
	  processes:
	    - {name: a, stdout: inner}
	    - {name: b, stdout: (none)}
	    - {name: c, stdout: "outer\ntext"}
	    - {name: d, stdout-regex: "^name: surroundings$"}
	    - {name: e, stdout: "${folder}/here"}
	    - {name: f, stdout: "${work}"}
	YAML
	passes
}

@test "a process runs as another user" {
	[ "$(id -u)" -eq 0 ] || skip "another user needs root"
	TMPDIR=$(mktemp -d /tmp/shmcheck-scenario-test.XXXXXX)
	chmod 755 "$TMPDIR"
	scenario <<-'YAML'
	name: user
	segments: [{key: 5, size: 64, owner: daemon}]
	processes:
	  - {name: a, user: nobody, command: [sh, -c, "id -un; touch x && echo touched"]}
	  - {name: b, user: "1", command: [sh, -c, "id -u"]}
	expect:
	  processes:
	    - {name: a, stdout: "nobody\ntouched"}
	    - {name: b, stdout: "1"}
	  segments: [{key: 5, owner: daemon}]
	YAML
	passes
	rmdir "$TMPDIR"
}

@test "a scenario that hangs is killed and says who was left, and may be expected" {
	scenario <<-'YAML'
	name: hangs
	timeout: 200ms
	processes:
	  - {name: a, command: [programs/actor, create=1, pause]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	YAML
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"timeout: not over after 200 ms: a"* ]]
	[[ $output != *"200 ms: a, b"* ]]
	sed -i '$a expect: {timed-out: true}' "$file"
	passes
	sed -i 's/pause/remove/' "$file"
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"timed-out: it ended by itself, expected it to hang"* ]]
}

@test "a matrix makes scenarios of their own" {
	scenario <<-'YAML'
	name: matrix
	matrix: {key: [1, 2], text: [x, "y z"]}
	processes:
	  - {name: a, command: [programs/actor, "create=${key}", "print=${text} $${no}", remove]}
	expect: {processes: [{name: a, stdout: "${text} $${no}"}]}
	YAML
	passes
	[[ $output == *"matrix [key=1, text=x] "* ]]
	[[ $output == *"matrix [key=2, text=y z] "* ]]
	[[ $output == *"4 scenarios: 4 passed"* ]]
}

@test "skips say why; with --no-skip they fail" {
	scenario <<-'YAML'
	name: skipped
	skip: [{unless: "command:no-such-program", why: it needs no-such-program}]
	processes: [{name: a, command: [no-such-program]}]
	YAML
	run_scenario
	[ "$status" -eq 0 ]
	[[ $output == *"skip  skipped: it needs no-such-program"* ]]
	run_scenario --no-skip
	[ "$status" -eq 1 ]
	[[ $output == *"it needs no-such-program"* ]]
	sed -i 's/unless/if/; s/\[no-such-program\]/["true"]/' "$file"
	passes
}

@test "tags choose, and a list runs nothing" {
	scenario <<-'YAML'
	name: tagged
	tags: [slow, root]
	processes: [{name: a, command: ["false"]}]
	YAML
	run_scenario --tags=fast
	[ "$status" -eq 2 ]
	run_scenario '--tags=slow,!root'
	[ "$status" -eq 2 ]
	run_scenario --tags=root,fast
	[ "$status" -eq 1 ]
	run_scenario --list
	[ "$status" -eq 0 ]
	[ "$output" = "$file: tagged [slow, root]" ]
}

@test "a folder is run whole, in parallel, one line a scenario" {
	for i in 1 2 3 4 5 6; do
		printf 'name: s%s\nprocesses: [{name: a, command: [programs/actor, create=1, remove]}]\n' "$i" >"$BATS_TEST_TMPDIR/$i.yaml"
	done
	file=$BATS_TEST_TMPDIR
	run_scenario --jobs=3
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 7 ]
	[[ ${lines[0]} == "ok    s1 ("*" ms)" ]]
	[[ ${lines[6]} == "shmcheck: SUMMARY: clean: 6 scenarios: 6 passed, 0 failed, 0 inconclusive, 0 skipped" ]]
	file=$BATS_TEST_TMPDIR/1.yaml
	run_scenario
	[[ ${lines[1]} == "shmcheck: SUMMARY: clean: 1 scenario: 1 passed, 0 failed, 0 inconclusive, 0 skipped" ]]
}

@test "a program that the shim cannot enter makes it inconclusive, unless it fails" {
	scenario <<-'YAML'
	name: static
	processes: [{name: a, command: [programs/static]}]
	YAML
	mkdir -p "$BATS_TEST_TMPDIR/programs"
	printf 'int main(void) { return 0; }' | gcc -static -x c -o "$BATS_TEST_TMPDIR/programs/static" -
	run_scenario
	[ "$status" -eq 3 ]
	[[ $output == *"static"* ]]
	sed -i '$a expect: {processes: [{name: a, exit: 1}]}' "$file"
	run_scenario
	[ "$status" -eq 1 ]
}

@test "nothing is left behind, whatever happens" {
	scenario <<-'YAML'
	name: leaves all
	timeout: 300ms
	processes:
	  - {name: a, command: [sh, -c, "touch x; mkdir y; touch y/z; exec sleep 100"]}
	  - {name: b, command: [programs/actor, create=1, fork, pause, end]}
	YAML
	before=$(ls "$TMPDIR" | wc -l; ipcs -m | wc -l)
	run_scenario
	[ "$status" -eq 1 ]
	[ "$(ls "$TMPDIR" | wc -l; ipcs -m | wc -l)" = "$before" ]
}

@test "explore tries the failures of one process while the others run" {
	scenario <<-'YAML'
	name: explored
	processes:
	  - {name: a, command: [programs/actor, create=1, attach, write=hello, detach, remove, print=done]}
	  - {name: b, command: [programs/actor, find=1, stat]}
	order: [a.shmget < b.shmget, b.shmctl < a.shmctl]
	expect: {processes: [{name: b, exit: any}]}
	explore: {processes: [a], mode: once, expect: ["leak 3"]}
	YAML
	passes
	sed -i 's/, expect: .*/}/' "$file"
	run_scenario
	[ "$status" -eq 1 ]
	[[ $output == *"explore: leak: 3, expected none"* ]]
	point=$(grep -om1 'a/shmat@.*:once' <<<"$output")
	[[ $output != *" b/"* ]]
	run_scenario "--point=$point"
	[ "$status" -eq 1 ]
	[[ $output == *"explore: $point: leak"* ]]
}

@test "explore: a budget is said to have left points out; one that was for none is inconclusive" {
	scenario <<-'YAML'
	name: hurried
	processes:
	  - {name: a, command: [programs/actor, create=1, attach, detach, remove]}
	explore: {processes: [a], budget: 3, expect: ["leak 0+"]}
	YAML
	passes
	[[ $output == *"ok    hurried ("*"): its budget was for 3 of "*" fault points"* ]]
	scenario <<-'YAML'
	name: too-hurried
	processes:
	  - {name: a, command: [perl, -e, 'my $child = fork; if (!$child) { my $id = shmget(0, 4096, 0600); defined $id or kill SEGV => $$; shmctl($id, 0, 0); exit 0 } waitpid $child, 0']}
	explore: {processes: [a], calls: shmget, budget: 1}
	YAML
	run_scenario
	[ "$status" -eq 3 ]
	[[ $output == *"inconclusive: explore: it ended before a point was decided"* ]]
}

@test "explore: a process that removes what it made passes; bad words are told with their place" {
	scenario <<-'YAML'
	name: innocent
	processes:
	  - {name: a, command: [sh, -c, "exit 0"]}
	  - {name: b, command: [programs/actor, create=2, remove]}
	explore: {processes: [b], calls: shmget}
	YAML
	passes
	sed -i 's/calls: shmget/calls: shmgot/' "$file"
	run_scenario
	[ "$status" -eq 2 ]
	[[ $output == "shmcheck: $file:5:34: explore: --calls: 'shmgot' is not a call"* ]]
	sed -i 's/, calls: shmgot//; s/\[b\]/[a]/' "$file"
	run_scenario
	[ "$status" -eq 3 ]
	[[ $output == *"explore: the processes have no fault point"* ]]
}

@test "a signal ends it soon: what ran is told as interrupted, and nothing stays" {
	scenario <<-'YAML'
	name: long
	processes: [{name: a, command: [sh, -c, "touch ${folder}/started; exec sleep 1000"]}]
	YAML
	"$BUILD/shmcheck" scenario "$file" 2>"$BATS_TEST_TMPDIR/said" &
	local pid=$!
	until [ -e "$BATS_TEST_TMPDIR/started" ]; do sleep 0.02; done
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	cat "$BATS_TEST_TMPDIR/said"
	[ "$status" -eq 3 ]
	grep -q '^skip  long: it was not run to its end' "$BATS_TEST_TMPDIR/said"
	grep -q 'inconclusive: it was interrupted' "$BATS_TEST_TMPDIR/said"
	grep -q 'SUMMARY: inconclusive: 1 scenario: 0 passed, 0 failed, 0 inconclusive, 1 skipped' "$BATS_TEST_TMPDIR/said"
	[ -z "$(ls "$TMPDIR")" ]
}

@test "a point that is not there is said to be none, and stands in the line that repeats it" {
	scenario <<-'YAML'
	name: explored
	processes: [{name: writer, command: [programs/writer]}]
	explore: {processes: [writer]}
	YAML
	run_scenario --point='no#such'
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *'inconclusive: explore: the processes have no fault point no#such'* ]]
	[[ $output == *"again: shmcheck scenario "*" '--point=no#such' $file"* ]]
}

@test "the example at the head of the page passes" {
	sed -n '/^name: reader before writer/,/^\.fi/p' "$BATS_TEST_DIRNAME/../docs/shmcheck-scenario.5" |
		sed '/^\.fi/d; s/\\-/-/g' >"$file"
	[ "$(wc -l <"$file")" -gt 15 ]
	passes
	sed -i 's/writer, exit: 1/writer, exit: 0/' "$file"
	run_scenario
	[ "$status" -eq 1 ]
}
