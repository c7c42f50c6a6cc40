// SPDX-License-Identifier: MIT
// report: an exploration's table: call and place by errno.
#include "explore_report.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 32, CELL_MAX = 40, ROW_MAX = 320 };

/* Faults in the order in which they first come up. */
struct columns {
	const char *names[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	unsigned count;
};

static unsigned column_of(struct columns *columns, const char *name)
{
	unsigned i = 0;
	while (i < columns->count && strcmp(columns->names[i], name) != 0)
		i++;
	if (i == columns->count && i < COLUMNS_MAX) {
		columns->names[columns->count++] = name;
		columns->width[i] = (int)strlen(name);
	}
	return i < COLUMNS_MAX ? i : COLUMNS_MAX - 1;
}

static bool is_shown(const struct explored *explored, const struct tried *tried)
{
	return tried->is_selected && tried->point.depth <= explored->settings->depth;
}

static bool is_same_row(const struct tried *a, const struct tried *b)
{
	return point_is_at(&a->point, &b->point.at);
}

static int by_row(const void *a, const void *b)
{
	const struct tried *x = *(const struct tried *const *)a, *y = *(const struct tried *const *)b;
	const struct observation *p = &x->point.at, *q = &y->point.at;
	int order = strcmp(p->role, q->role);
	if (x->point.depth != y->point.depth)
		return x->point.depth < y->point.depth ? -1 : 1;
	if (order)
		return order;
	if (p->tree_ordinal != q->tree_ordinal || p->call != q->call)
		return p->begin_ns < q->begin_ns ? -1 : p->begin_ns > q->begin_ns;
	if (!is_same_row(x, y))
		return p->stack < q->stack ? -1 : 1;
	if (x->point.mode != y->point.mode) /* a seed has them in another order */
		return x->point.mode < y->point.mode ? -1 : 1;
	return x < y ? -1 : x > y;
}

static const char *word_of(const struct tried *tried)
{
	switch (tried->state) {
	case STATE_IMPOSSIBLE:
		return "impossible";
	case STATE_BROKEN:
		return "broken";
	default:
		return tried->has_verdict ? point_verdict_row(tried->verdict)->name : "-";
	}
}

/* "leak", or "leak/handled" where once and for good differ; "?" behind what is flaky. */
static void add_to_cell(char cell[CELL_MAX], const struct tried *tried)
{
	char word[CELL_MAX / 2];
	size_t length = strlen(cell);
	snprintf(word, sizeof word, "%s%s", word_of(tried), tried->is_flaky ? "?" : "");
	if (length && strcmp(cell, word) == 0)
		return;
	snprintf(cell + length, CELL_MAX - length, "%s%s", length ? "/" : "", word);
}

static void row_name(const struct explored *explored, const struct tried *tried, char name[ROW_MAX])
{
	const struct observation *call = &tried->point.at;
	char word[32], which[32] = "";
	point_call(call, word, sizeof word);
	if (call->occurrences > 1)
		snprintf(which, sizeof which, " #%u of %u", call->occurrence, call->occurrences);
	snprintf(name, ROW_MAX, "%s%s %s  %s%s", tried->point.depth > 1 ? "then " : "", call->role, word,
		 places_name(explored->sweep->places, call->stack), which);
}

/* The cells of the row that begins at LIST[*NEXT]; moves *NEXT behind it. */
static void take_row(struct tried **list, size_t count, size_t *next, struct columns *columns,
		     char cells[COLUMNS_MAX][CELL_MAX])
{
	const struct tried *first = list[*next];
	memset(cells, 0, COLUMNS_MAX * CELL_MAX);
	for (; *next < count && is_same_row(list[*next], first); ++*next) {
		unsigned at = column_of(columns, point_fault(&list[*next]->point));
		add_to_cell(cells[at], list[*next]);
	}
}

static void measure(const struct explored *explored, struct tried **list, size_t count,
		    struct columns *columns, int *ret_width)
{
	char cells[COLUMNS_MAX][CELL_MAX], name[ROW_MAX];
	for (size_t next = 0; next < count;) {
		row_name(explored, list[next], name);
		int width = (int)strlen(name);
		*ret_width = width > *ret_width ? width : *ret_width;
		take_row(list, count, &next, columns, cells);
		for (unsigned i = 0; i < columns->count; i++) {
			int cell = (int)strlen(cells[i]);
			columns->width[i] = cell > columns->width[i] ? cell : columns->width[i];
		}
	}
}

static void put_rows(const struct explored *explored, struct tried **list, size_t count, FILE *stream)
{
	struct columns columns = {0};
	char cells[COLUMNS_MAX][CELL_MAX], name[ROW_MAX];
	int width = (int)strlen("call and place");
	measure(explored, list, count, &columns, &width);
	fprintf(stream, "  %-*s", width, "call and place");
	for (unsigned i = 0; i < columns.count; i++)
		fprintf(stream, "  %-*s", i + 1 < columns.count ? columns.width[i] : 0, columns.names[i]);
	fputc('\n', stream);
	for (size_t next = 0; next < count;) {
		row_name(explored, list[next], name);
		fprintf(stream, "  %-*s", width, name);
		take_row(list, count, &next, &columns, cells);
		unsigned last = columns.count;
		while (last > 1 && !cells[last - 1][0])
			last--;
		for (unsigned i = 0; i < last; i++)
			fprintf(stream, "  %-*s", i + 1 < last ? columns.width[i] : 0,
				cells[i][0] ? cells[i] : ".");
		fputc('\n', stream);
	}
}

void explore_put_table(const struct explored *explored, FILE *stream)
{
	const struct worklist *points = &explored->sweep->points;
	struct tried **list = calloc(points->count + 1, sizeof *list);
	size_t count = 0;
	for (size_t i = 0; list && i < points->count; i++)
		if (is_shown(explored, &points->list[i]))
			list[count++] = &points->list[i];
	if (count) {
		qsort(list, count, sizeof *list, by_row);
		put_rows(explored, list, count, stream);
		fputc('\n', stream);
	}
	free(list);
}
