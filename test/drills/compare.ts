import type { Attempt } from "../cluster/writer.ts";

/** A writer's attempts, and whose commit each of them is. */
export interface Written {
  readonly name: string;
  readonly groupOf: (number: number) => string;
  readonly attempts: readonly Attempt[];
}

/** What the database has of a writer's number, and how often. */
export interface Row {
  readonly writer: string;
  readonly number: number;
  readonly count: number;
}

/** How the log and the database differ, of one group. */
export interface Comparison {
  acknowledged: number;
  /** Acknowledged, and not in the database. */
  lost: number;
  /** Rows of an attempt beyond its first, acknowledged or not: no attempt is ever repeated by the client. */
  duplicated: number;
}

/** By the group's name. */
export function compare(writers: readonly Written[], rows: readonly Row[]): ReadonlyMap<string, Comparison> {
  const counts = new Map(rows.map(({ writer, number, count }) => [`${writer} ${number}`, count]));
  const groups = new Map<string, Comparison>();
  for (const { name, groupOf, attempts } of writers) {
    for (const { number, error } of attempts) {
      const group = groupOf(number);
      const sum = groups.get(group) ?? { acknowledged: 0, lost: 0, duplicated: 0 };
      const count = counts.get(`${name} ${number}`) ?? 0;
      if (error === undefined) sum.acknowledged++;
      if (error === undefined && count === 0) sum.lost++;
      sum.duplicated += Math.max(0, count - 1);
      groups.set(group, sum);
    }
  }
  return groups;
}

export function sumOf(comparisons: Iterable<Comparison>): Comparison {
  const sum = { acknowledged: 0, lost: 0, duplicated: 0 };
  for (const { acknowledged, lost, duplicated } of comparisons) {
    sum.acknowledged += acknowledged;
    sum.lost += lost;
    sum.duplicated += duplicated;
  }
  return sum;
}
