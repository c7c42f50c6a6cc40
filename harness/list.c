// SPDX-License-Identifier: MIT
// front end: shmcheck list: the tables, as people read them.
#include "list.h"

#include "harness/analyze/finding.h"
#include "protocol/errno_name.h"
#include "protocol/errno_table.h"
#include "protocol/plan_expression.h"
#include "protocol/plan_key.h"

#include <errno.h>
#include <string.h>

static void print_fields(unsigned call, FILE *stream)
{
	for (unsigned i = 0; i < FIELD_COUNT; i++)
		if (expression_fields_of(call) & 1u << i)
			fprintf(stream, " %s", expression_field_name(i));
}

static void print_calls(FILE *stream)
{
	unsigned count;
	const struct shmctl_row *commands = shmctl_rows(&count);

	fprintf(stream, "%-18s %-8s %-16s %s\n", "call", "returns", "when it fails", "if= knows");
	for (unsigned call = 0; call < CALL_COUNT; call++) {
		const struct call_row *row = call_row(call);
		const char *failure = call == CALL_SHMAT  ? "(void *)-1"
				      : call == CALL_FTOK ? "(key_t)-1"
							  : "-1";

		fprintf(stream, "%-18s %-8s %-16s", row->name, row->result, failure);
		print_fields(call, stream);
		fputc('\n', stream);
	}
	for (unsigned i = 0; i < count; i++)
		fprintf(stream, "shmctl.%-11s %s\n", commands[i].suffix, commands[i].name);
}

static void print_errnos(FILE *stream)
{
	const struct errno_possible *row;

	fprintf(stream, "%-7s %-13s %-7s %-8s %-45s %s\n", "call", "errno", "set", "world", "when", "if");
	for (unsigned i = 0; (row = errno_possible_at(i)); i++)
		fprintf(stream, "%-7s %-13s %-7s %-8s %-45s %s\n", call_row(row->call)->name,
			errno_name(row->error), row->is_likely ? "likely" : "all",
			row->world ? plan_world_row(row->world)->name : "-", row->note,
			row->condition ? row->condition : "-");
}

static void print_effects(FILE *stream)
{
	for (unsigned i = 0; rule_key_row(i); i++)
		fprintf(stream, "%-16s %s\n", rule_key_row(i)->name, rule_key_row(i)->meaning);
	for (unsigned i = 1; i < WORLD_COUNT; i++) {
		const struct plan_world_row *row = plan_world_row(i);

		fprintf(stream, "world=%-10s %s%s%s\n", row->name, row->meaning, row->needs ? "; needs " : "",
			row->needs ? row->needs : "");
	}
}

static void print_findings(FILE *stream)
{
	for (unsigned i = 0; i < FINDING_COUNT; i++) {
		const struct finding_row *row = finding_row((enum finding_id)i);

		if (row && row->name)
			fprintf(stream, "%-21s %-8s %s\n", row->name, severity_name(row->severity),
				row->meaning);
	}
}

static const struct {
	const char *name;
	void (*print)(FILE *stream);
} tables[] = {{"calls", print_calls},
	      {"errnos", print_errnos},
	      {"effects", print_effects},
	      {"findings", print_findings}};

const char *list_name(unsigned index)
{
	return index < sizeof(tables) / sizeof(tables[0]) ? tables[index].name : NULL;
}

int list_print(const char *what, FILE *stream)
{
	for (unsigned i = 0; list_name(i); i++) {
		if (strcmp(what, tables[i].name) != 0)
			continue;
		tables[i].print(stream);
		return fflush(stream) || ferror(stream) ? -EIO : 0;
	}
	return -EINVAL;
}
