// The parts of Gitea's answers that we use, checked; null is accepted wherever a real server was seen to send it.

import { z } from 'zod';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const textOrNothing = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const user = z.object({ login: z.string() });

/** A label of a repository. */
export const Label = z.object({ id: z.number().int(), name: z.string() });
export type Label = z.infer<typeof Label>;

/** An issue or pull request. */
export const Issue = z.object({
  number: z.number().int(),
  title: z.string(),
  body: textOrNothing,
  state: z.enum(['open', 'closed']),
  created_at: instant,
  updated_at: instant,
  labels: z
    .array(Label)
    .nullish()
    .transform((labels) => labels ?? []),
  assignees: z
    .array(user)
    .nullish()
    .transform((users) => users ?? []),
  /** Counts edits of the body; servers before 1.24 do not send it. */
  content_version: z.number().int().nullish(),
});
export type Issue = z.infer<typeof Issue>;

/** A comment of an issue. */
export const Comment = z.object({ id: z.number().int(), body: textOrNothing });
export type Comment = z.infer<typeof Comment>;

/** A comment or event of an issue. */
export const TimelineEntry = z.object({
  id: z.number().int(),
  type: z.string(),
  body: textOrNothing,
  updated_at: instant,
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;

/** What a repository allows. */
export const Repository = z.object({
  full_name: z.string(),
  archived: z
    .boolean()
    .nullish()
    .transform((archived) => archived === true),
  has_issues: z
    .boolean()
    .nullish()
    .transform((has) => has !== false),
  permissions: z.object({ push: z.boolean() }).nullish(),
});
export type Repository = z.infer<typeof Repository>;

/** The server's version. */
export const Version = z.object({ version: z.string() });

/** A list of `item`; a Go server may write an empty list as null. */
export function listOf<Item>(item: z.ZodType<Item>): z.ZodType<readonly Item[]> {
  return z
    .array(item)
    .nullable()
    .transform((items) => items ?? []);
}
