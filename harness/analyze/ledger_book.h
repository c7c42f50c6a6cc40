// SPDX-License-Identifier: MIT
// analysis: what the ledger's modules share; nobody else includes it.
#ifndef SHMCHECK_HARNESS_ANALYZE_LEDGER_BOOK_H
#define SHMCHECK_HARNESS_ANALYZE_LEDGER_BOOK_H

#include "ledger.h"
#include "ledger_map.h"

enum {
	REMOVED_KEPT = 4096, /* removed segments that are remembered */
	DEAD_KEPT = 512, /* ended processes that are remembered */
	FACTS_KEPT = 4096, /* entries of each table of small facts; a power of two */
	UNKNOWN_KEPT = 65536, /* calls of unknown outcome that may have made a segment */
	PENDING_KEPT = 1024, /* forks and execs whose child or image did not announce itself yet */
	FOLDED_KEPT = 8192, /* different findings */
	FAULTS_KEPT = 1024, /* the latest faults that rules put in */
	ATTACHERS_KEPT = 8,
	KEPT_KEYS = 64, /* as many as shmcheck_expect_persistent takes */
	PID_COUNT = 1 << 22, /* the kernel's PID_MAX_LIMIT */
};

/* Objects of one size in chunks, with a free list: no malloc an event. */
struct pool {
	size_t size;
	void *free, *chunks;
	char
	    *fresh; /* the latest chunk's objects that were never taken: no page is touched before its time */
	size_t fresh_count;
};

enum { TABLE_CHUNK = 64 };

/* FACTS_KEPT entries of one size, of which few are used: its memory comes in chunks, zeroed. */
struct table {
	size_t size;
	void *chunks[FACTS_KEPT / TABLE_CHUNK];
};

enum spare {
	SPARE_NONE,
	SPARE_MAYBE_CREATION, /* IPC_CREAT that lost the race 16 times: it may have made this */
	SPARE_OTHER_CREATION, /* overlaps facts.creation: either of the two may be the last */
};

/* One life of an id. Its records are never ordered unless one ended before the other began. */
struct segment_book {
	struct segment facts;
	uint32_t generation; /* of all in this ledger: tells lives of one id apart */
	bool provisional; /* known from its use only */
	bool maybe_removed; /* a removal of unknown outcome, or one that may have hit the life before */
	bool windowed; /* its crash-window was counted */
	bool stale_find; /* stands in ledger.stale */
	bool listed;
	uint8_t attacher_count, spare_kind;
	uint32_t attachers[ATTACHERS_KEPT]; /* processes that had it attached */
	uint32_t attached_at_removal; /* a bit for each of them */
	uint32_t other_remover; /* process of a second successful IPC_RMID; 0 */
	uint64_t other_removal_end;
	uint64_t first_end; /* provisional: the end of the first call that knew it */
	uint64_t live; /* attachments in the book */
	uint64_t created_at, removed_at; /* number of the call */
	struct record spare;
	struct segment_book *older, *newer; /* removed and not attached, by removal */
};

struct attachment {
	struct attachment *next_same; /* same hash of (process, address) */
	struct attachment *next, *previous; /* of the same process */
	uint32_t process;
	uint32_t generation;
	int shmid;
	bool inherited; /* by fork */
	bool uncertain; /* a detach that overlaps its making may have ended it */
	uint32_t refusals; /* how often a rule failed its shmdt */
	uint64_t address, length;
	struct record call; /* its shmat */
	struct record refusal; /* the last of those */
};

/* What a process got last from the calls that produce a handle. */
enum product { PRODUCT_ID, PRODUCT_ADDRESS, PRODUCT_KEY, PRODUCT_COUNT };
struct outcome {
	uint64_t ok_end; /* the latest end of a successful one */
	uint64_t fail_begin, fail_end;
	int error; /* of the failed one; 0: none */
	struct record failure; /* the failed one, when it was shmat */
};

struct process_book {
	struct process facts;
	struct attachment *attachments;
	struct outcome outcomes[PRODUCT_COUNT];
	bool exited; /* it said so */
	bool superseded; /* its pid came again */
	bool folded; /* only facts are left */
	bool pinned; /* a finding names it */
	bool leaks; /* it made a segment that is a leak */
	bool listed;
	uint64_t segments; /* that it made and that are in the book */
	struct record last[LAST_CALLS]; /* a ring */
	uint64_t calls; /* of all; the latest of them are kept */
	struct process_book *older, *newer; /* ended ones, by their end */
};

/* An exec or spawn whose image did not announce itself. */
struct pending_exec {
	int32_t pid; /* 0: unknown */
	uint32_t process, k, text;
	uint64_t begin_ns;
	bool spawn;
	bool by_libc; /* k may be another's: several threads told theirs at a time */
};

/* The parent's side of a fork: what the child inherits. */
struct pending_fork {
	int32_t pid;
	uint32_t parent;
	struct attachment *attachments;
};

/* A finding that a later creation of the same id may still undo, as long as it overlaps the call. */
struct tentative {
	enum finding_id id;
	enum severity severity;
	uint32_t generation;
	struct record call;
};

/* A successful shmdt of something that was not (yet) in the book. */
struct early_detach {
	uint32_t process;
	uint64_t address, end_ns;
};

struct known_ftok {
	int32_t key;
	uint32_t text;
	int proj_id;
	bool used;
	uint64_t device, inode;
};

struct known_key {
	uint32_t process;
	int32_t key;
	uint64_t end_ns;
};

/* Asked for, and not there; pid 0: nothing. */
struct missing_key {
	int32_t key, pid;
};

enum { PIDS_OF_SET = PID_COUNT / FACTS_KEPT };

struct pid_set {
	unsigned char bits[PIDS_OF_SET / 8];
};

struct known_detach {
	uint32_t process;
	int shmid;
	uint64_t address, length, end_ns; /* length 0: unknown */
	uint32_t image;
	struct record call; /* the shmdt; of munmap, whose stack is not kept, the shmat that it ended */
	bool excused; /* the program was told that it failed */
};

struct ledger {
	struct ledger_totals totals;
	const struct arena *arena; /* borrowed; NULL until ledger_texts */
	uint64_t arena_size;
	uint64_t calls;
	uint32_t next_generation;

	struct pool segment_pool, attachment_pool, process_pool;
	struct ledger_map segments; /* shmid → segment_book */
	struct ledger_map attachments; /* hash of process and address → chain of attachment */
	struct ledger_map processes; /* serial → process_book */
	struct ledger_map pids; /* pid → the latest process_book with it */
	struct process_book *last_process;
	struct segment_book *oldest_removed, *newest_removed;
	size_t removed_count;
	struct process_book *oldest_dead, *newest_dead;
	size_t dead_count;

	struct table ftoks, keys, detaches,
	    missing; /* of struct known_ftok, known_key, known_detach, missing_key */
	struct table tree_pids; /* of struct pid_set */

	struct pending_exec *execs; /* owned */
	size_t exec_count, exec_capacity;
	uint64_t execs_dropped;
	struct pending_fork *forks; /* owned */
	size_t fork_count, fork_capacity;

	struct record *unknown; /* owned: shmget of unknown outcome */
	size_t unknown_count, unknown_capacity;
	struct tentative *tentative; /* owned */
	size_t tentative_count, tentative_capacity;
	struct early_detach *early; /* owned */
	size_t early_count, early_capacity;
	struct record *
	    stale; /* owned: IPC_CREAT without IPC_EXCL found what nobody of the tree is known to have made */
	size_t stale_count, stale_capacity;

	int32_t kept[KEPT_KEYS]; /* that are meant to stay */
	size_t kept_count;

	struct record *faults; /* owned */
	size_t fault_capacity;
	uint64_t fault_count; /* of all; the latest of them are kept */

	struct findings folded;
	struct ledger_map folds; /* hash → index + 1 in folded */
	bool no_memory; /* a fold or a fact had no room: apply and judge report it */
	bool judged;
};

/* ledger_pool.c */
void *pool_take(struct pool *pool); /* zeroed; NULL: no memory */
void pool_give(struct pool *pool, void *object);
void pool_free(struct pool *pool);
/* Entry INDEX; NULL: none near it was taken. */
void *table_look(const struct table *table, size_t index);
/* Entry INDEX, which is to be written. NULL: no memory. */
void *table_take(struct table *table, size_t index);
void table_free(struct table *table);
/* Makes room for one more element of SIZE in *ARRAY. Returns 0 or -ENOMEM. */
int array_reserve(void **array, size_t count, size_t *capacity, size_t size);

/* ledger_words.c: what stands in sentences. */
const char *words_call(const struct record *record, char buffer[96]);
const char *words_errno(int error);
const char *words_text(const struct ledger *ledger, uint32_t ref, char buffer[160]);

/* Whether the kernel carried the call of RECORD (DONE) out; its result in *ret_result. */
bool ledger_kernel_did(const struct record *record, int64_t *ret_result);
/* Whether the kernel itself refused it. */
static inline bool ledger_kernel_refused(const struct record *record)
{
	return (record->flags & (RECORD_FAILED | RECORD_INJECTED)) == RECORD_FAILED;
}
static inline bool ledger_is_before(const struct record *a, const struct record *b)
{
	return a->state == RECORD_DONE && a->end_ns < b->begin_ns;
}

/* ledger_segment.c */
struct segment_book *segment_lookup(const struct ledger *ledger, int shmid);
int segment_created(struct ledger *ledger, const struct record *record, int shmid);
int segment_found(struct ledger *ledger, const struct record *record, int shmid);
/* A rule removed it in somebody's place. */
void segment_taken(struct ledger *ledger, const struct record *record, int shmid);
int segment_removal(struct ledger *ledger, const struct record *record, int shmid);
/* The segment of SHMID as RECORD met it, made up when it is unknown. NULL: no memory. */
struct segment_book *segment_met(struct ledger *ledger, const struct record *record, int shmid);
void segment_attached(struct ledger *ledger, struct segment_book *segment, uint32_t process);
void segment_detached(struct ledger *ledger, int shmid, uint32_t generation, uint32_t process);
bool segment_is_removed(const struct segment_book *segment); /* for certain */
static inline bool segment_is_taken(const struct segment_book *segment)
{
	return segment->facts.removal.flags & RECORD_PLANTED;
}

/* ledger_process.c */
struct process_book *process_lookup(const struct ledger *ledger, uint32_t serial);
struct process_book *process_of(struct ledger *ledger,
				const struct record *record); /* made; NULL: serial 0 or no memory */
int process_event(struct ledger *ledger, const struct record *record);
bool process_was_in_tree(const struct ledger *ledger, int32_t pid);
void process_unuse(struct ledger *ledger, uint32_t serial); /* one of its segments left the book */
void process_settle_all(struct ledger *ledger, const struct evidence *evidence);

/* ledger_attach.c */
int attach_event(struct ledger *ledger, const struct record *record);
int detach_event(struct ledger *ledger, const struct record *record);
int unmap_event(struct ledger *ledger, const struct record *record);
void early_settle(struct ledger *ledger, uint64_t now_ns);
struct attachment *attachment_inside(const struct ledger *ledger, uint32_t process, uint64_t address);
/* Ends what PROCESS had attached in images before IMAGE; as attach-leak when LEAK. */
void attachments_drop(struct ledger *ledger, struct process_book *process, uint32_t image, bool is_leak);
int attachments_snapshot(struct ledger *ledger, const struct process_book *parent, const struct record *fork,
			 struct attachment **ret_list);
int attachments_adopt(struct ledger *ledger, struct process_book *child, struct attachment *list);
void attachments_discard(struct ledger *ledger, struct attachment *list);

/* ledger_attach_leak.c: what PROCESS itself attached in images before IMAGE. Returns 0 or -ENOMEM. */
int attach_leaks(struct ledger *ledger, const struct process_book *process, uint32_t image);

/* ledger_misuse.c */
void misuse_outcome(struct process_book *process, enum product product, const struct record *record);
void misuse_id(struct ledger *ledger, struct process_book *process, const struct record *record);
void misuse_key(struct ledger *ledger, struct process_book *process, const struct record *record);
void misuse_address(struct ledger *ledger, struct process_book *process, const struct record *record);
void misuse_remember_detach(struct ledger *ledger, const struct record *record, int shmid, uint64_t length);
void misuse_remember_unmap(struct ledger *ledger, const struct record *record,
			   const struct attachment *attachment);

/* ledger_habits.c */
void habit_ftok(struct ledger *ledger, const struct record *record);
void habit_missing(struct ledger *ledger, const struct record *record);
void habit_not_missing(struct ledger *ledger, int32_t key);
void habit_limit(struct ledger *ledger, const struct record *record);
void habit_shmget(struct ledger *ledger, const struct record *record);
void habit_created(struct ledger *ledger, const struct segment_book *segment);
void habit_describe_ftok(const struct ledger *ledger, struct finding *finding);
void habit_window(struct ledger *ledger, struct segment_book *segment);
const struct known_ftok *habit_ftok_of(const struct ledger *ledger, int32_t key);

/* ledger_fold.c: SEGMENT and OFFENDING may be NULL. SITE tells findings of one id apart. */
struct finding *fold(struct ledger *ledger, enum finding_id id, enum severity severity,
		     const struct segment *segment, const struct record *offending, uint64_t site,
		     bool *ret_new);
uint64_t fold_site(const struct ledger *ledger, const struct segment *segment,
		   const struct record *offending);
/* RECORD is what SEGMENT's finding ID is about, unless a creation that overlaps it comes. */
int tentative_add(struct ledger *ledger, enum finding_id id, enum severity severity,
		  const struct segment_book *segment, const struct record *record);
void tentative_settle(struct ledger *ledger, uint64_t now_ns);
/* SHMID begins a new life: takes back what may belong to it. */
void tentative_cancel(struct ledger *ledger, int shmid, const struct record *creation,
		      struct segment_book *segment);

/* judge_crash.c: crashes whose address tells what was wrong. */
void judge_crashes(struct ledger *ledger, const struct evidence *evidence);

/* ledger_fault.c */
void fault_note(struct ledger *ledger, const struct record *record);
/* Puts into FINDING the fault that preceded it: the latest of those that concern its segment, its process, or anybody. */
void fault_before(const struct ledger *ledger, struct finding *finding);
/* Whether a rule sent SIGKILL to PROCESS. */
bool fault_killed(const struct ledger *ledger, uint32_t process);

/* judge_table.c: the kernel's table against the book. */
void judge_table(struct ledger *ledger, const struct evidence *evidence);

#endif
