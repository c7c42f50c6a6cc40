// SPDX-License-Identifier: MIT
// explore: which findings have one cause.
#include "cause.h"

#include <sys/wait.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * 1099511628211u; /* FNV-1a */
	return hash;
}

/* What was left beyond the baseline. In any order, so the sum. */
static uint64_t leaked(const struct trial *trial, const struct trial *baseline)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < trial->left_count; i++)
		if (verdict_left_more(baseline, &trial->left[i], false))
			sum += mix(1, trial->left[i].stack);
	return sum;
}

static uint64_t misused(const struct trial *trial, const struct trial *baseline)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < trial->misuse_count; i++)
		if (verdict_is_new_misuse(baseline, &trial->misuses[i]))
			sum += mix(mix(1, trial->misuses[i].stack), trial->misuses[i].id);
	return sum;
}

uint64_t cause_of(const struct tried *tried, const struct trial *baseline)
{
	const struct observation *call = &tried->point.at;
	const struct trial *trial = &tried->trial;
	uint64_t hash = mix(14695981039346656037u, tried->verdict);
	hash = mix(mix(mix(hash, call->stack), call->call), (uint64_t)call->command);
	hash = mix(hash, tried->point.mode == MODE_SIGNAL ? (uint64_t)tried->point.fault : 0);
	if (tried->verdict == POINT_LEAK)
		hash = mix(hash, leaked(trial, baseline));
	if (tried->verdict == POINT_MISUSE)
		hash = mix(hash, misused(trial, baseline));
	if (tried->verdict == POINT_CRASH)
		hash = mix(hash, (uint64_t)WTERMSIG(trial->status));
	return hash ? hash : 1;
}
