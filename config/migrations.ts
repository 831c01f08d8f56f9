const NAME = /^(\d{1,9})_[\w.-]+\.sql$/;

/** The number that a migration's file is applied by, or undefined if its name has none. */
export function versionOf(name: string): number | undefined {
  const [, digits] = NAME.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The files of a folder that are migrations, in the order in which they are applied. */
export function migrationsAmong(names: readonly string[]): string[] {
  const number = (name: string) => versionOf(name) ?? 0;
  return names
    .filter((name) => name.endsWith(".sql"))
    .sort((a, b) => number(a) - number(b) || a.localeCompare(b));
}

/** What is wrong with the names of a folder's files, as `problem; fix`. */
export function migrationErrors(names: readonly string[]): string[] {
  const files = migrationsAmong(names);
  return files.flatMap((name, index) => {
    const version = versionOf(name);
    const before = files[index - 1];
    if (version === undefined) {
      return [`${name} has no number to be applied by; name it like 001_users.sql, or move it elsewhere`];
    }
    if (before === undefined || versionOf(before) !== version) return [];
    return [`${before} and ${name} have the same number; give the later one the next number`];
  });
}
