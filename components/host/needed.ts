import * as pulumi from "@pulumi/pulumi";

/** Names of the properties that have to be there. */
type Needed<Args> = { [Key in keyof Args & string]-?: undefined extends Args[Key] ? never : Key }[keyof Args &
  string];

/** For programs that no compiler has checked: throws one error that names every argument that is missing. */
export function needed<Args extends object>(component: string, args: Args, ...names: Needed<Args>[]): void {
  const errors = names
    .filter((name) => args?.[name] === undefined)
    .map((name) => ({
      propertyPath: name,
      reason: `no value: needed; set it, see ${component}Args`,
    }));
  if (errors.length === 0) return;
  const lines = errors.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
  throw new pulumi.InputPropertiesError({
    message: `${component} lacks arguments.\n${lines.join("\n")}`,
    errors,
  });
}
