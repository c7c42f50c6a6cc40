#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Worlds: the kernel gives the answer; a careful program stays clean, a careless one does not, and nothing is left.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	cat >calls.py <<-'END'
		import ctypes, os, signal, sys
		c = ctypes.CDLL(None, use_errno=True)
		c.shmat.restype = ctypes.c_void_p
		c.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
		c.shmdt.argtypes = [ctypes.c_void_p]
		NONE, CREAT, EXCL = ctypes.c_void_p(-1).value, 0o1000, 0o2000
		def why(): return os.strerror(ctypes.get_errno())
		def get(key, size, flags): return c.shmget(key, size, flags | 0o600)
		def at(i): a = c.shmat(i, None, 0); return None if a == NONE else a
		def rmid(i): return c.shmctl(i, 0, None)
		class Ds(ctypes.Structure):
		    _fields_ = [("key", ctypes.c_int), ("uid", ctypes.c_uint), ("rest", ctypes.c_ubyte * 256)]
		def stat(i): d = Ds(); return None if c.shmctl(i, 2, ctypes.byref(d)) else d
	END
}

# in_world RULE PROGRAM STATUS: a Python program with the calls above; its status is the run's.
in_world() {
	run --separate-stderr "$shmcheck" run --show=note "--inject=$1" -- python3 -c "from calls import *; $2"
	assert_status "$3"
}

assert_nothing_found() {
	refute_stderr_line '^shmcheck: (error|warning|inconclusive)'
	assert_stderr_line 'SUMMARY: (clean|0 errors, 0 warnings).* 0 left'
	assert_stderr_line '^shmcheck: rule 1: .*: [1-9][0-9]* hits?,'
}

@test "removed: who checks and gives up is clean, also when it cleans up what is gone" {
	in_world shmat:world=removed 'i = get(0, 4096, 0); a = at(i); print(why()) if a is None else 0; rmid(i)' 0
	[ "$output" = "Invalid argument" ]
	assert_nothing_found
	in_world shmctl.STAT:world=removed 'i = get(0, 4096, 0); print(stat(i)); rmid(i)' 0
	[ "$output" = None ]
	assert_nothing_found
	in_world shmget:world=removed:when=2 'i = get(7, 4096, CREAT | EXCL); print(get(7, 0, 0), why()); rmid(i)' 0
	[ "$output" = "-1 No such file or directory" ]
	assert_nothing_found
}

@test "removed: who uses the failed attach is found" {
	in_world shmat:world=removed 'i = get(0, 4096, 0); a = c.shmat(i, None, 0); c.shmdt(a)' 0
	assert_stderr_line 'warning: failed-result-used'
	assert_stderr_line '^    after       shmat\(0, 0, 0\) = -1 EINVAL \(WORLD\), by rule 1'
}

@test "removed: what is attached elsewhere lives on without its key" {
	in_world shmget:world=removed:when=2 'i = get(7, 4096, CREAT); a = at(i); print(get(7, 0, 0)); print(stat(i).key); c.shmdt(a)' 0
	[ "$output" = $'-1\n0' ]
	assert_nothing_found
}

@test "stale: an older segment that is not zeroed and belongs to somebody else" {
	is_root || skip "needs root, for a second user"
	in_world shmget:world=stale 'i = get(7, 4096, CREAT); a = at(i); print(ctypes.string_at(a, 2).hex(), stat(i).uid); c.shmdt(a)' 0
	[ "$output" = "a5a5 65534" ]
	assert_nothing_found
	in_world shmget:world=stale 'print(get(7, 4096, CREAT | EXCL), why())' 0
	[ "$output" = "-1 File exists" ]
	assert_nothing_found
	in_world shmget:world=stale,16 'print(get(7, 4096, CREAT), why())' 0
	[ "$output" = "-1 Invalid argument" ]
	assert_nothing_found
}

@test "stale: who removes it and makes its own anew, and leaves that, is found" {
	in_world shmget:world=stale:when=1 'i = get(7, 4096, CREAT | EXCL); rmid(get(7, 0, 0)) if i < 0 else 0; get(7, 4096, CREAT | EXCL)' 23
	assert_stderr_line 'error: segment-leak'
	assert_stderr_line 'SUMMARY: 1 error \(segment-leak\).* 1 left'
	in_world shmget:world=stale:when=1 'i = get(7, 4096, CREAT | EXCL); rmid(get(7, 0, 0)); i = get(7, 4096, CREAT | EXCL); rmid(i)' 0
	assert_nothing_found
}

@test "full and small: one call meets the limit, the others do not" {
	in_world shmget:world=full:when=2 'ids = [get(0, 4096, 0) for _ in range(3)]; print(ids[1], why()); [rmid(i) for i in ids if i >= 0]' 0
	[ "$output" = "-1 No space left on device" ]
	assert_nothing_found
	in_world shmget:world=small:when=2 'ids = [get(0, 4096, 0) for _ in range(3)]; print(ids[1], why()); [rmid(i) for i in ids if i >= 0]' 0
	[ "$output" = "-1 Invalid argument" ]
	assert_nothing_found
	in_world shmget:world=full:when=2 'i = get(0, 4096, 0); j = get(0, 4096, 0); sys.exit(0 if j >= 0 else 1)' 1
	assert_stderr_line 'error: segment-leak'
	assert_stderr_line '^    after       shmget\(IPC_PRIVATE, 4096, 0600\) = -1 ENOSPC \(WORLD\), by rule 1'
}

@test "full: a neighbour that creates meanwhile does not notice" {
	# The child makes and removes all the time, the parent meets the full namespace again and again.
	in_world main/shmget:world=full 'p = os.fork()
if p == 0:
    bad = 0
    for _ in range(3000):
        i = get(0, 4096, 0)
        bad += i < 0
        rmid(i)
    os._exit(bad > 0)
seen = sum(get(0, 4096, 0) < 0 for _ in range(300))
print(seen, os.waitpid(p, 0)[1])' 0
	[ "$output" = "300 0" ]
	assert_nothing_found
}

@test "collide: two paths, one key" {
	in_world ftok:world=collide:when=2 'a = c.ftok(b"/", 1); b = c.ftok(b"/etc", 1); print(a == b)' 0
	[ "$output" = True ]
	assert_nothing_found
	refute_stderr_line 'ftok-collision'
	run --separate-stderr "$shmcheck" run --inject=ftok:world=collide -- python3 -c 'from calls import *; c.ftok(b"/", 1)'
	assert_status 23
	assert_stderr_line 'rule 1, ftok:world=collide: its world could not be made'
}

@test "relocate: the attach lands elsewhere, and the address is what it says" {
	in_world shmat:world=relocate:when=2 'i = get(0, 4096, 0); a = at(i); c.shmdt(a); b = at(i); ctypes.memset(b, 7, 4096); print(a != b, ctypes.string_at(b, 1)); c.shmdt(b); rmid(i)' 0
	[ "$output" = "True b'\\x07'" ]
	assert_nothing_found
}

@test "a program that is killed while a world is made leaves nothing of ours" {
	# SIGKILL from outside, at many moments of a loop that plants, removes and fills.
	for rule in shmget:world=stale shmget:world=full:expect=any shmat:world=removed:expect=any; do
		for delay in 2 5 9 14 20; do
			run --separate-stderr "$shmcheck" run "--inject=$rule" "--report=json:$PWD/report" -- python3 -c "from calls import *
p = os.getpid()
if os.fork() == 0:
    import time
    time.sleep(0.0$(printf '%02d' $delay))
    os.kill(p, signal.SIGKILL)
    os._exit(0)
n = 0
while True:
    n = n % 200 + 1
    i = get(n, 4096, CREAT | EXCL)
    if i >= 0:
        at(i)
        rmid(i)"
			assert_status 137
			# A segment of the program's own may be left by the kill, and is found as that: never one of ours, never a riddle.
			! grep -E '"id":"segment-(unattributed|vanished)"' report || fail "$rule, $delay ms" "$(tail -n 5 report)"
			[[ $rule != shmget:world=stale ]] || ! grep -q '"id":"segment-leak"' report || fail "$rule, $delay ms" "$(tail -n 5 report)"
		done
	done
}

@test "without a namespace of its own a world that needs one is refused, the others are not" {
	for rule in shmat:world=removed shmget:world=stale shmget:world=full shmget:world=small "*/shmat:world=denied"; do
		run --separate-stderr "$shmcheck" run --isolate=none "--inject=$rule" -- touch started
		assert_status 125
		assert_stderr_line "^shmcheck: rule 1: world=[a-z]+ needs an IPC namespace of the run's own, and there is none here"
		[ ! -e started ]
	done
	run --separate-stderr "$shmcheck" run --isolate=none --inject=ftok:world=collide:expect=any -- true
	assert_status 0
}

# denied_world RULE PROGRAM STATUS: as in_world, by an ordinary user.
denied_world() {
	run --separate-stderr "${user[@]}" run --show=note "--inject=$1" -- python3 -c "from calls import *; $2"
	assert_status "$3"
}

@test "denied: who checks and gives up is clean, and the mode is as it was" {
	as_user
	denied_world shmat:world=denied:when=1 'i = get(0, 4096, 0); print(at(i), why()); a = at(i); c.shmdt(a); rmid(i)' 0
	[ "$output" = "None Permission denied" ]
	assert_nothing_found
	denied_world shmctl.STAT:world=denied:when=1 'i = get(0, 4096, 0); print(stat(i), why()); print(oct(stat(i).rest[12] + 256 * stat(i).rest[13])); rmid(i)' 0
	[ "$output" = $'None Permission denied\n0o600' ]
	assert_nothing_found
	denied_world shmget:world=denied:when=2 'i = get(7, 4096, CREAT); print(get(7, 0, 0), why()); print(get(7, 0, 0) == i); rmid(i)' 0
	[ "$output" = $'-1 Permission denied\nTrue' ]
	assert_nothing_found
	# A key that has no segment: it is as if there were one, and then it is gone.
	denied_world shmget:world=denied:when=1 'print(get(7, 4096, CREAT), why()); print(get(7, 0, 0), why())' 0
	[ "$output" = $'-1 Permission denied\n-1 No such file or directory' ]
	assert_nothing_found
	denied_world shmget:world=denied:when=1 'print(get(7, 0, 0), why()); i = get(7, 4096, CREAT | EXCL); rmid(i)' 0
	[ "$output" = "-1 Permission denied" ]
	assert_nothing_found
}

@test "denied: who uses the failed attach, or gives up without removing, is found" {
	as_user
	denied_world shmat:world=denied 'i = get(0, 4096, 0); a = c.shmat(i, None, 0); c.shmdt(a); rmid(i)' 0
	assert_stderr_line 'warning: failed-result-used'
	assert_stderr_line '^    after       shmat\(0, 0, 0\) = -1 EACCES \(WORLD\), by rule 1'
	denied_world shmat:world=denied 'i = get(0, 4096, 0); sys.exit(0 if at(i) else 1)' 1
	assert_stderr_line 'error: segment-leak'
	assert_stderr_line 'mode 0600$'
	# Likewise when it could not look at it.
	denied_world shmctl.STAT:world=denied 'i = get(0, 4096, 0); sys.exit(0 if stat(i) else 1)' 1
	assert_stderr_line 'error: segment-leak'
}

@test "denied: what the kernel does not deny is no hit" {
	as_user
	denied_world shmget:world=denied 'rmid(get(7, 4096, CREAT | EXCL))' 23
	assert_stderr_line 'its world could not be made: the segment is not there or is not the program.s, or the call asks for nothing'
	denied_world shmget:world=denied:when=2 'i = get(7, 4096, CREAT | EXCL); print(c.shmget(7, 0, 0) == i); rmid(i)' 23
	[ "$output" = True ]
	denied_world shmctl:world=denied 'rmid(get(0, 4096, 0))' 23
}

@test "denied: a neighbour that looks, attaches and sets the mode meanwhile does not notice" {
	as_user
	denied_world main/shmat:world=denied 'i = get(7, 4096, CREAT)
p = os.fork()
if p == 0:
    bad = 0
    for n in range(3000):
        a = at(i)
        d = stat(i)
        bad += a is None or d is None or get(7, 0, 0) != i
        c.shmdt(a) if a else 0
        mode = 0o640 if n % 2 else 0o600
        d.rest[12], d.rest[13] = mode & 255, mode >> 8
        c.shmctl(i, 1, ctypes.byref(d))
        d = stat(i)
        bad += d.rest[12] + 256 * d.rest[13] != mode
    os._exit(bad > 0)
seen = tries = 0
status = (0, 0)
while status[0] == 0:
    tries += 1
    seen += at(i) is None
    status = os.waitpid(p, os.WNOHANG)
print(seen == tries, status[1])
rmid(i)' 0
	[ "$output" = "True 0" ]
	assert_nothing_found
}

@test "denied: a program that is killed while a mode is taken leaves nothing of ours" {
	as_user
	for rule in shmget:world=denied:expect=any shmat:world=denied:expect=any; do
		for delay in 2 5 9 14 20; do
			run --separate-stderr "${user[@]}" run "--inject=$rule" --report=json -- python3 -c "from calls import *
import time
p = os.getpid()
i = get(0, 4096, 0)
rmid(get(0, 4096, 0))
get(7, 4096, CREAT)
if os.fork() == 0:
    time.sleep(0.0$(printf '%02d' $delay))
    os.kill(p, signal.SIGKILL)
    os._exit(0)
while True:
    get(7, 4096, CREAT)
    at(i)"
			assert_status 137
			[[ $stderr == *'"id"'* ]] || fail "no report" "$stderr"
			[[ $stderr != *'"id":"segment-unattributed"'* && $stderr != *'"id":"segment-vanished"'* ]] || fail "$rule, $delay ms" "$stderr"
		done
	done
}

@test "denied: as root it is refused before the program starts, unless that is known to give the privilege up" {
	is_root || skip "needs root"
	run --separate-stderr "$shmcheck" run --inject=shmget:world=denied -- touch started
	assert_status 125
	assert_stderr_line '^shmcheck: rule 1: world=denied needs a program without CAP_IPC_OWNER, and as root it has that'
	[ ! -e started ]
	run --separate-stderr "$shmcheck" run --inject=main/shmget:world=denied -- touch started
	assert_status 125
	# It says that it gives it up, and does not: an error that names the privilege; and nothing is left changed.
	run --separate-stderr "$shmcheck" run '--inject=*/shmat:world=denied' -- python3 -c 'from calls import *; i = get(0, 4096, 0); a = at(i); print(oct(stat(i).rest[12] + 256 * stat(i).rest[13])); c.shmdt(a); rmid(i)'
	assert_status 23
	[ "$output" = 0o600 ]
	assert_stderr_line 'rule 1, \*/shmat:world=denied: nothing can be denied to the program: it has CAP_IPC_OWNER'
	# The twins: it does, or somebody does for it.
	run --separate-stderr "$shmcheck" run '--inject=*/shmat:world=denied' -- python3 -c 'from calls import *; os.setuid(65534); i = get(0, 4096, 0); print(at(i), why()); rmid(i)'
	assert_status 0
	[ "$output" = "None Permission denied" ]
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
	run --separate-stderr ./shmcheck run --inject=shmctl.STAT:world=denied -- setpriv --reuid=65534 --regid=65534 --clear-groups \
		perl -e 'my $i = shmget(0, 4096, 0600); my $b; print shmctl($i, 2, $b) ? "there" : "$!"; shmctl($i, 0, 0)'
	assert_status 0
	[ "$output" = "Permission denied" ]
}

# bats test_tags=without-tsan
@test "denied: explore makes it true for an ordinary user, and forges it as root" {
	as_user
	local program='my $i = shmget(0, 4096, 0600); my $b; shmread($i, $b, 0, 1) or exit 1; shmctl($i, 0, 0)'
	run --separate-stderr "${user[@]}" explore --errnos=EACCES --calls=shmat --mode=once -- perl -e "$program"
	assert_status 1
	assert_stderr_line '^ +made true: the kernel itself answered so; this call only$'
	! is_root || run --separate-stderr "$shmcheck" explore --errnos=EACCES --calls=shmat --mode=once -- perl -e "$program"
	! is_root || assert_stderr_line '^ +forged: the call was not made; this call only$'
}

@test "a world that could not be made says why, and what to do" {
	is_root || skip "needs root, to give it up"
	for row in "full ENOSPC" "small EINVAL"; do
		read -r world errno <<<"$row"
		run --separate-stderr "$shmcheck" run --inject="shmget:world=$world" -- \
			setpriv --reuid=65534 --clear-groups perl -e "$perl_clean"
		assert_status 23
		assert_stderr_line "rule 1, shmget:world=$world: its world could not be made: the call makes nothing, or the program gave up root: use --limits or error=$errno \(matching calls: 1\)$"
		run --separate-stderr "$shmcheck" run --inject="shmget:error=$errno" -- \
			setpriv --reuid=65534 --clear-groups perl -e "$perl_clean"
		[ "$status" -ne 0 ]
		refute_stderr_line 'fault-not-hit'
	done
	run --separate-stderr "$shmcheck" run --limits=shmmni=0 -- setpriv --reuid=65534 --clear-groups perl -e "$perl_clean"
	assert_stderr_line 'shmget: No space left on device'
	run --separate-stderr "$shmcheck" run --inject=shmget:world=stale -- perl -e "$perl_clean"
	assert_stderr_line 'its world could not be made: the key is IPC_PRIVATE'
}

@test "an ordinary user's worlds are as true" {
	is_root || skip "needs root, to become somebody else"
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
	local as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups ./shmcheck run)
	run --separate-stderr "${as_nobody[@]}" --inject=shmget:world=full:when=2 -- python3 -c \
		'from calls import *; i = get(0, 4096, 0); print(get(0, 4096, 0), why()); rmid(i)'
	assert_status 0
	[ "$output" = "-1 No space left on device" ]
	run --separate-stderr "${as_nobody[@]}" --inject=shmat:world=removed -- python3 -c 'from calls import *; i = get(0, 4096, 0); print(at(i), why())'
	assert_status 0
	[ "$output" = "None Invalid argument" ]
	run --separate-stderr "${as_nobody[@]}" --inject=shmget:world=stale -- python3 -c 'from calls import *; i = get(7, 4096, CREAT); print(at(i) is None)'
	assert_status 0
	[ "$output" = False ]
}

@test "limits are explained: what is in use against the limit, for an ordinary user too" {
	cp "$shmcheck" "$BUILD/libshmcheck.so" .
	chmod 755 . .. ../.. shmcheck libshmcheck.so
	local ways=(env) way
	is_root && ways+=("setpriv --reuid=65534 --regid=65534 --clear-groups")
	for way in "${ways[@]}"; do
		# shellcheck disable=SC2086 # a command and its arguments
		run --separate-stderr $way ./shmcheck run --limits=shmmni=1 -- python3 -c 'from calls import *; i = get(0, 4096, 0); get(0, 4096, 0); rmid(i)'
		assert_status 0
		assert_stderr_line '^shmcheck: limit reached: shmget\(IPC_PRIVATE, 4096, 0600\): ENOSPC: 1 of 1 segments in use \(shmmni\)\.$'
		# shellcheck disable=SC2086
		run --separate-stderr $way ./shmcheck run --limits=shmall=3 -- python3 -c 'from calls import *; i = get(0, 4096, 0); get(0, 12288, 0); rmid(i)'
		assert_stderr_line '^shmcheck: limit reached: .*: ENOSPC: 1 of 3 pages in use \(shmall\), and it asks for 3 more\.$'
		# shellcheck disable=SC2086
		run --separate-stderr $way ./shmcheck run --limits=shmmax=5000 -- python3 -c 'from calls import *; get(0, 5001, 0)'
		assert_stderr_line '^shmcheck: limit reached: .*: EINVAL: 5001 bytes asked for, at most 5000 \(shmmax\)\.$'
	done
	# The twins: no limit, an EINVAL that has another reason, and one that a rule forged.
	run --separate-stderr ./shmcheck run -- python3 -c 'from calls import *; rmid(get(0, 4096, 0)); get(0, 0, 0)'
	refute_stderr_line 'limit reached'
	run --separate-stderr ./shmcheck run --inject=shmget:error=ENOSPC -- python3 -c 'from calls import *; get(0, 4096, 0)'
	refute_stderr_line 'limit reached'
}

# limit_findings WORD...: how many findings of that kind a run with these words reports.
limit_findings() {
	"$shmcheck" run --show=note --report=json "$@" 2>&1 | grep -c '"id":"limit-reached"' || true
}

@test "limit-reached is a finding of its own, a note for each limit, and none without one" {
	[ "$(limit_findings --limits=shmmni=1 -- python3 -c 'from calls import *; i = get(0, 4096, 0); get(0, 4096, 0); rmid(i)')" -eq 1 ]
	[ "$(limit_findings --limits=shmall=3 -- python3 -c 'from calls import *; get(0, 4 * 4096, 0)')" -eq 1 ]
	[ "$(limit_findings --limits=shmmax=5000 -- python3 -c 'from calls import *; get(0, 5001, 0)')" -eq 1 ]
	# The twins: within the limit; refused for another reason; the kernel's refusal by a rule's own doing, and a forged one.
	[ "$(limit_findings --limits=shmmni=1 -- python3 -c 'from calls import *; rmid(get(0, 4096, 0)); rmid(get(0, 4096, 0))')" -eq 0 ]
	[ "$(limit_findings --limits=shmmax=5000 -- python3 -c 'from calls import *; i = get(7, 100, CREAT); get(7, 200, 0); rmid(i)')" -eq 0 ]
	[ "$(limit_findings --inject=shmget:world=full -- python3 -c 'from calls import *; get(0, 4096, 0)')" -eq 0 ]
	[ "$(limit_findings --inject=shmget:error=ENOSPC -- python3 -c 'from calls import *; get(0, 4096, 0)')" -eq 0 ]
	# It is a note: it fails nothing, and is shown when notes are.
	run --separate-stderr "$shmcheck" run --show=note --limits=shmmax=5000 -- python3 -c 'from calls import *; get(0, 5001, 0)'
	assert_status 0
	assert_stderr_line '^shmcheck: note: limit-reached: '
	assert_stderr_line 'SUMMARY: 0 errors, 0 warnings, 1 note'
}
