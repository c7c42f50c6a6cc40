#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the user names and writes: words that hold control characters, FIFOs, files that cannot be written.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	hostile=$'\e[31mx\xff\u009b\n'
}

# The command's messages hold no control character and nothing but UTF-8.
assert_harmless() {
	[ -n "$stderr" ]
	iconv -f UTF-8 -t UTF-16 <<<"$stderr" >/dev/null
	! LC_ALL=C.UTF-8 grep -P '[\x{00}-\x{08}\x{0b}-\x{1f}\x{7f}-\x{9f}]' <<<"$stderr" || fail "a control character"
}

@test "no message lets a control character of the user's words through" {
	printf 'segment-leak:k%s=1\n' "${hostile%?}" >suppressions
	while IFS= read -r -d '' words; do
		eval "run --separate-stderr timeout 20 \"\$shmcheck\" $words"
		[ "$status" -ne 0 ]
		assert_harmless
	done < <(printf '%s\0' \
		'run --inject="shm$hostile:error=ENOMEM" -- true' \
		'run --inject="shmat:error=E$hostile" -- true' \
		'run --inject="shmat:if=size>$hostile" -- true' \
		'run --inject="shmat:in=$hostile:error=EIO" -- true' \
		'run --inject-file="/no$hostile" -- true' \
		'run --report="$hostile" -- true' \
		'run --report="json:/no$hostile/x" -- true' \
		'run --limits="$hostile" -- true' \
		'run --timeout="$hostile" -- true' \
		'run --suppressions="/no$hostile" -- true' \
		'run --suppressions=suppressions -- true' \
		'run --baseline="/no$hostile" -- true' \
		'run --persistent="$hostile" -- true' \
		'"$hostile"' \
		'explore --calls="$hostile" -- true' \
		'explore --point="$hostile" -- true' \
		'scenario "/no$hostile"' \
		'report "/no$hostile"' \
		'list "$hostile"')
	run -127 --separate-stderr "$shmcheck" run -- "/no$hostile"
	assert_harmless
}

@test "the library's own messages are harmless too" {
	for rules in "shm$hostile" shmat:error=EIO; do
		run --separate-stderr env LD_PRELOAD="$BUILD/libshmcheck.so" SHMCHECK_INJECT="$rules" \
			SHMCHECK_LOG="/no$hostile/log" true
		assert_status 125
		assert_harmless
	done
	run --separate-stderr env LD_PRELOAD="$BUILD/libshmcheck.so" SHMCHECK_INJECT="shm$hostile" SHMCHECK_LOG="$PWD/log" true
	assert_status 125
	assert_stderr_line "unknown call: 'shm\\?\\[31mx"
	assert_harmless
}

@test "a bad word in a rule is shown byte for byte, with its caret below" {
	run --separate-stderr "$shmcheck" run --inject=$'shm\e\xc3\xa9\xff:error=EIO' -- true
	assert_status 125
	[[ $stderr == *"unknown call: 'shm\\x1bé\\xff'"*$'\n    shm?é?:error=EIO\n    ^^^^^^\n'* ]]
}

@test "a FIFO that nobody writes to is an error, and nothing hangs" {
	mkfifo fifo
	for option in --inject-file --suppressions --baseline; do
		run --separate-stderr timeout 60 "$shmcheck" run "$option=fifo" -- echo ran
		assert_status 125
		assert_stderr_line "'fifo': a FIFO with nobody at its other end"
		[ -z "$output" ]
	done
	run --separate-stderr timeout 60 "$shmcheck" scenario fifo
	assert_status 2
	assert_stderr_line "fifo: cannot be read: a FIFO with nobody at its other end"
}

@test "a file of rules without a rule is no run without faults" {
	echo '# shmat:error=ENOMEM' >rules
	for file in rules /dev/null <(exit 1); do
		run --separate-stderr timeout 60 "$shmcheck" run --inject-file="$file" -- echo ran
		assert_status 125
		assert_stderr_line "^shmcheck: $file: there is no rule in it$"
		[ -z "$output" ]
	done
}

@test "a FIFO and a pipe with a writer are read, however late the writer is" {
	mkfifo fifo
	rule=shmat:error=EIO:expect=any
	# The writer has the FIFO open, and writes when the command can only be waiting for it.
	timeout 60 bash -c "exec 9>fifo; sleep 2.5; echo $rule >&9" &
	writer=$!
	run --separate-stderr timeout 60 "$shmcheck" run --verbose --inject-file=fifo -- true
	wait "$writer"
	assert_status 0
	assert_stderr_line "^rule 1: $rule"
	run --separate-stderr timeout 60 "$shmcheck" run --verbose --inject-file=<(echo "$rule") -- true
	assert_status 0
	assert_stderr_line "^rule 1: $rule"
	run --separate-stderr timeout 60 "$shmcheck" run --verbose --inject-file=/dev/stdin -- true < <(echo "$rule")
	assert_status 0
	assert_stderr_line "^rule 1: $rule"
	run --separate-stderr timeout 60 "$shmcheck" run --suppressions=<(echo "segment-leak # known") -- perl -e "$perl_leak"
	assert_status 0
	assert_stderr_line "      1  .*segment-leak"
}

@test "a report that cannot be written is refused before the program runs" {
	mkdir folder
	for option in --report=json:absent/x --report=junit:folder --gen-suppressions=absent/x --write-baseline=absent/x; do
		run --separate-stderr "$shmcheck" run "$option" -- echo ran
		assert_status 125
		assert_stderr_line "^shmcheck: cannot write the (json report|junit report|suppressions|baseline) to '(absent/x|folder)'"
		[ -z "$output" ]
		run --separate-stderr "$shmcheck" explore "$option" -- touch ran
		assert_status 2
		[ ! -e ran ]
	done
	[ ! -e absent ]
}

@test "- is no name of a file that is written" {
	for option in --report=json:- --gen-suppressions=- --write-baseline=- --log=-; do
		run --separate-stderr "$shmcheck" run "$option" -- touch ran
		assert_status 125
		assert_stderr_line "^shmcheck: the (json report|suppressions|baseline|log) would go to a file called '-': name it ./-, or /dev/stdout for standard output$"
		[ ! -e ran ]
		[ ! -e ./- ]
	done
	run --separate-stderr "$shmcheck" run --report=tap:./- -- true
	assert_status 0
	[ "$(head -n 1 ./-)" = "TAP version 14" ]
}

@test "what could not be written is told with the reason" {
	[ -c /dev/full ] || skip "no /dev/full"
	for format in text json junit tap sarif; do
		run --separate-stderr "$shmcheck" run --report="$format:/dev/full" -- perl -e "$perl_leak"
		assert_status 125
		assert_stderr_line "^shmcheck: the $format report in '/dev/full' is incomplete: No space left on device$"
	done
	run --separate-stderr "$shmcheck" run --gen-suppressions=/dev/full -- perl -e "$perl_leak"
	assert_status 125
	assert_stderr_line "^shmcheck: cannot write the suppressions to '/dev/full': No space left on device$"
}

@test "what every run reads from its beginning is no pipe" {
	mkfifo fifo
	run --separate-stderr timeout 60 "$shmcheck" explore --stdin=fifo -- true
	assert_status 2
	assert_stderr_line '^shmcheck: cannot read --stdin=fifo: a pipe or FIFO, which can be read only once: expected a file$'
	run --separate-stderr timeout 60 "$shmcheck" explore --stdin=absent -- true
	assert_status 2
	assert_stderr_line '^shmcheck: cannot read --stdin=absent: No such file or directory$'
	for file in fifo absent; do
		printf 'name: x\nprocesses:\n  - {name: a, command: ["true"], stdin-file: %s}\n' "$file" >scene.yaml
		run --separate-stderr timeout 60 "$shmcheck" scenario scene.yaml
		assert_status 2
		assert_stderr_line "scene.yaml:3:46: the stdin-file '$file' cannot be read: (a pipe or FIFO, which can be read only once|No such file)"
	done
}

@test "a folder for explore's runs that cannot be made is refused before them" {
	: >file
	for folder in absent/x file; do
		run --separate-stderr "$shmcheck" explore --output="$folder" -- touch ran
		assert_status 2
		assert_stderr_line "^shmcheck: cannot write to --output=$folder: (No such file|Not a directory)"
		[ ! -e ran ]
	done
}

@test "a report goes to a FIFO that is read, and says so when nobody reads" {
	mkfifo fifo
	timeout 60 cat fifo >got &
	reader=$!
	run --separate-stderr timeout 60 "$shmcheck" run --report=tap:fifo -- true
	assert_status 0
	wait "$reader"
	[ "$(head -n 1 got)" = "TAP version 14" ]
	run --separate-stderr timeout 60 "$shmcheck" run --report=tap:fifo -- true
	assert_status 125
	assert_stderr_line "^shmcheck: cannot write the tap report to 'fifo': a FIFO with nobody at its other end$"
}

@test "a report to standard output stands behind what the program printed there" {
	"$shmcheck" run --report=tap:/dev/stdout -- echo printed >both
	diff both - <<-'END'
		printed
		TAP version 14
		1..1
		ok 1 - echo: watched
	END
}

@test "a folder that cannot be copied for a run is told with the reason" {
	mkdir folder bin
	run --separate-stderr env TMPDIR=/absent "$shmcheck" explore --copy=folder -- touch ran
	assert_status 125
	assert_stderr_line 'cannot copy the folder folder to a new one in TMPDIR or /tmp: No such file or directory$'
	printf '#!/bin/sh\necho "cp: no room" >&2\nexit 1\n' >bin/cp
	chmod +x bin/cp
	run --separate-stderr env PATH="$PWD/bin:$PATH" "$shmcheck" explore --copy=folder -- touch ran
	assert_status 125
	assert_stderr_line 'cannot copy the folder folder to a new one in TMPDIR or /tmp: cp: no room$'
}

@test "a script whose interpreter is a FIFO is not waited for" {
	mkfifo interpreter
	printf '#!%s\n' "$PWD/interpreter" >script
	chmod +x script
	run timeout 10 "$shmcheck" run -- ./script
	[ "$status" = 126 ] || fail "$status $output"
}

@test "a script whose interpreter is not there is told from one that is not there" {
	printf '#!/bin/sh\r\ntrue\r\n' >script
	chmod +x script
	for command in run explore; do
		run -127 --separate-stderr "$shmcheck" $command -- ./script
		[ "$stderr" = "shmcheck: cannot execute './script': its interpreter '/bin/sh\x0d' is not there" ] || fail "$stderr"
		run -127 --separate-stderr "$shmcheck" $command -- ./absent
		[ "$stderr" = "shmcheck: cannot execute './absent': No such file or directory" ] || fail "$stderr"
	done
}

@test "the doctor and an exploration show paths printable" {
	folder=$'two\nlines\e'
	mkdir "$folder"
	cp "$(type -P true)" "$folder/true"
	run "$shmcheck" doctor "$folder/true"
	assert_status 0
	assert_output_line '^program:   two\\x0alines\\x1b/true$'
	[[ $output != *$'\e'* ]]
	run --separate-stderr "$shmcheck" explore --output="$folder" --mode=once --errnos=ENOMEM --calls=shmat -- \
		"$BUILD/tests/programs/victim" forgets-to-remove
	assert_status 1
	assert_stderr_line '^ +kept +two\\x0alines\\x1b/leak-'
	[[ $stderr != *$'\e'* ]]
}
