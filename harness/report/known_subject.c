// SPDX-License-Identifier: MIT
// report: what a suppression is held against, out of a finding or a case.
#include "known_subject.h"

#include "shown.h"

static void add_stack(struct suppress_subject *subject, unsigned index, const struct told_stack *stack)
{
	subject->frames[index] = stack->frames;
	subject->frame_counts[index] = stack->count;
}

void subject_of_finding(const struct told_finding *finding, struct suppress_subject *ret_subject)
{
	const struct told_segment *segment = &finding->segment;
	*ret_subject = (struct suppress_subject){
	    .id = finding_row(finding->id)->name,
	    .has_key = finding->has_segment,
	    .key = finding->has_segment ? segment->facts.key : 0,
	    .comms = {finding->offending.comm, segment->creation.comm},
	};
	add_stack(ret_subject, 0, &finding->offending.stack);
	add_stack(ret_subject, 1, &segment->creation.stack);
	add_stack(ret_subject, 2, &segment->last_failed_removal.stack);
}

void subject_of_case(const struct report_case *item, const char *id, struct frame *frame,
		     struct suppress_subject *ret_subject)
{
	struct location location = case_location(item);
	*frame = (struct frame){.function = location.function,
				.file = location.file,
				.line = location.line,
				.object = location.object,
				.offset = location.offset};
	*ret_subject = (struct suppress_subject){.id = id, .comms = {item->group, NULL}};
	ret_subject->frames[0] = frame;
	ret_subject->frame_counts[0] = 1;
}
