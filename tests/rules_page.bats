#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every example of shmcheck-rules(7) is run and has its effect.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	page=$BATS_TEST_DIRNAME/../docs/shmcheck-rules.7
	# Each call several times, in two processes; the results do not matter.
	cat >calls.py <<-'END'
		import ctypes, os, signal
		signal.signal(signal.SIGTERM, lambda *_: None)
		c = ctypes.CDLL(None)
		c.shmat.restype = ctypes.c_void_p
		c.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
		c.shmdt.argtypes = [ctypes.c_void_p]
		state = ctypes.create_string_buffer(512)
		def some(n):
		    for k in range(n):
		        c.ftok(b"/" if k % 2 else b"/etc", 1)
		        i = c.shmget(100 + k, 4096, 0o3600)
		        a = c.shmat(i, None, 0)
		        c.shmdt(a)
		        c.shmctl(i, 2, state)
		        c.shmctl(i, 0, None)
		some(100)
		if os.fork() == 0:
		    some(3)
		    os._exit(0)
		os.wait()
	END
}

# The rules that stand alone on a bold line, a key that takes a value in each.
examples() {
	sed -nE 's/^\.B "?((ftok|shm[a-z]+)[^" ]*:[^"]*)"?$/\1/p' "$page" | sed 's/\\-/-/g; s/libXext/libffi/'
}

@test "the page has an example for each key and each world" {
	for word in error= retval= effect=after world=removed world=stale world=full world=small world=denied world=collide world=relocate signal= \
		delay_enter= when= p= scope= if= in= name= expect=; do
		examples | grep -q ":$word" || fail "no example for $word" "$(examples)"
	done
}

@test "each example is accepted, printed back, and has its effect" {
	local runner
	as_user
	while IFS= read -r rule; do
		runner=("$shmcheck")
		[[ $rule != *world=denied* ]] || runner=("${user[@]}") # nothing can be denied to root
		run --separate-stderr timeout 60 "${runner[@]}" run --seed=1 "--inject=$rule" -- python3 calls.py
		# A call site is that of one build of one program: no other has it.
		[[ $rule == *expect=any* || $rule == *+0x* ]] || assert_stderr_line "^shmcheck: rule 1: .*: [1-9][0-9]* hits?, [0-9]+ matching calls?$"
		assert_stderr_line "^shmcheck: rule 1: "
		canonical=$(sed -nE 's/^shmcheck: rule 1: (.*): [0-9]+ hits?, .*/\1/p' <<<"$stderr")
		run --separate-stderr "${runner[@]}" run --verbose "--inject=$canonical:expect=any" -- true || true
		[[ $rule == *expect=* ]] || assert_stderr_line "^rule 1: "
	done < <(examples)
}
