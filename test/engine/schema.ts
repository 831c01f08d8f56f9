// Compares what the npm packages of the bridged plugins send and expect with the schemas of the plugins that the
// engine has. Usage: node schema.ts MODULES < SCHEMA, where MODULES is a node_modules/@pulumi folder and
// SCHEMA one plugin's schema.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

interface Type {
  type?: string;
  items?: Type;
  additionalProperties?: Type;
  $ref?: string;
  secret?: boolean;
}
interface Properties {
  [name: string]: Type;
}
interface Resource {
  properties: Properties;
  inputProperties: Properties;
  requiredInputs?: string[];
}
interface Schema {
  name: string;
  provider: Resource;
  resources: { [token: string]: Resource };
  types: { [token: string]: { properties: Properties; required?: string[] } };
}

// The resources that this project uses.
const used: { [plugin: string]: string[] } = {
  docker: ["Service", "Network", "Secret", "ServiceConfig"],
  random: ["RandomPassword", "RandomId", "RandomBytes"],
  tls: ["PrivateKey", "SelfSignedCert", "CertRequest", "LocallySignedCert"],
};

// What the official plugins take from newer Terraform providers: this project must not use it, and must
// give the keys that are optional there.
const known: { [plugin: string]: string[] } = {
  tls: [
    "SelfSignedCert.privateKeyPem",
    "SelfSignedCert.privateKeyPemWo",
    "SelfSignedCert.privateKeyPemWoVersion",
    "SelfSignedCert.maxPathLength",
    "SelfSignedCert.subject.emailAddress",
    "CertRequest.privateKeyPem",
    "CertRequest.privateKeyPemWo",
    "CertRequest.privateKeyPemWoVersion",
    "CertRequest.subject.emailAddress",
    "LocallySignedCert.caPrivateKeyPem",
    "LocallySignedCert.caPrivateKeyPemWo",
    "LocallySignedCert.caPrivateKeyPemWoVersion",
    "LocallySignedCert.maxPathLength",
  ],
};

const modules = process.argv[2];
const schema: Schema = JSON.parse(await text(process.stdin));
const folder = `${modules}/${schema.name}`;
const expected = new Set(known[schema.name]);
const met = new Set<string>();
const faults: string[] = [];
let compared = 0;

function fault(path: string, text: string): void {
  if (expected.has(path)) met.add(path);
  else faults.push(`${path} ${text}`);
}

const read = (file: string) => readFileSync(`${folder}/${file}`, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const inputTypes = schema.name === "random" ? "" : read("types/input.d.ts");
const outputTypes = schema.name === "random" ? "" : read("types/output.d.ts");

/** The fields of an interface or the outputs of a class in a declaration file. */
function fieldsOf(source: string, declaration: string): { name: string; optional: boolean; type: string }[] {
  const start = source.indexOf(`export ${declaration} {`);
  if (start < 0) {
    fault(declaration, "is not declared by the npm package");
    return [];
  }
  const body = source.slice(start, source.indexOf("\n}", start));
  return [
    ...body.matchAll(/^ {4}(?:readonly )?(\w+)(\?)?: ([\s\S]*?);(?=\s*\n {4}[^\s}]|\s*(?![\s\S]))/gm),
  ].map((match) => ({
    name: match[1] ?? "",
    optional: match[2] === "?",
    type: (match[3] ?? "").replace(/\s/g, ""),
  }));
}

/** A declared type without the wrappers that carry no shape. */
function bare(type: string): string {
  const inner = type.replace(/\|undefined$/, "");
  const wrapped = /^pulumi\.(?:Input|Output)<(.*)>$/.exec(inner);
  return wrapped?.[1] === undefined ? inner : bare(wrapped[1]);
}

function compareType(path: string, declared: string, type: Type, types: string, seen: string[]): void {
  compared++;
  const shape = bare(declared);
  const element = /^(.*)\[\]$/.exec(shape)?.[1];
  const value = /^\{\[key:string\]:(.*?);?\}$/.exec(shape)?.[1];
  const named = /^(?:inputs|outputs)\.(\w+)$/.exec(shape)?.[1];
  if (element !== undefined && type.type === "array" && type.items) {
    compareType(`${path}[]`, element, type.items, types, seen);
  } else if (value !== undefined && type.type === "object" && type.additionalProperties) {
    compareType(`${path}{}`, value, type.additionalProperties, types, seen);
  } else if (named !== undefined && type.$ref !== undefined) {
    const token = type.$ref.replace("#/types/", "");
    const object = schema.types[token];
    if (!token.endsWith(`/${named}:${named}`) || !object)
      fault(path, `is ${named}, the plugin's is ${token}`);
    else if (!seen.includes(named)) {
      compareFields(path, fieldsOf(types, `interface ${named}`), object.properties, object.required, types, [
        ...seen,
        named,
      ]);
    }
  } else if (shape !== (type.type === "integer" ? "number" : type.type)) {
    fault(path, `is ${shape}, the plugin's is ${type.type ?? type.$ref}`);
  }
}

function compareFields(
  path: string,
  fields: ReturnType<typeof fieldsOf>,
  properties: Properties,
  required: string[] | undefined,
  types: string,
  seen: string[],
): void {
  for (const field of fields) {
    const property = properties[field.name];
    const at = `${path}.${field.name}`;
    if (!property) fault(at, "is not in the plugin");
    else compareType(at, field.type, property, types, seen);
  }
  for (const name of required ?? []) {
    const field = fields.find((candidate) => candidate.name === name);
    if (!field || field.optional) fault(`${path}.${name}`, "is required by the plugin only");
  }
}

for (const name of used[schema.name] ?? []) {
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  const declarations = read(`${file}.d.ts`);
  const code = read(`${file}.js`);
  const token = /static __pulumiType = ['"](.*)['"]/.exec(code)?.[1] ?? "";
  const resource = schema.resources[token];
  if (!resource) {
    fault(name, `has the token ${token}, which the plugin has not`);
    continue;
  }
  const inputs = fieldsOf(declarations, `interface ${name}Args`);
  compareFields(name, inputs, resource.inputProperties, resource.requiredInputs, inputTypes, []);
  const outputs = fieldsOf(declarations, `declare class ${name} extends pulumi.CustomResource`);
  if (outputs.length === 0) fault(name, "has no outputs");
  compareFields(name, outputs, resource.properties, [], outputTypes, []);
  const secret = /additionalSecretOutputs: \[(.*)\]/.exec(code)?.[1] ?? "";
  for (const [, output = ""] of secret.matchAll(/"(\w+)"/g)) {
    const property = resource.properties[output];
    if (property && !property.secret) fault(`${name}.${output}`, "is secret, but not with the plugin");
  }
}
compareFields(
  "Provider",
  fieldsOf(read("provider.d.ts"), "interface ProviderArgs"),
  schema.provider.inputProperties,
  schema.provider.requiredInputs,
  inputTypes,
  [],
);

for (const path of expected) {
  if (!met.has(path)) faults.push(`${path} differs no longer: take it off the list`);
}
for (const line of faults) console.error(`${schema.name}: ${line}`);
console.log(`${schema.name}: ${compared} properties compared, ${faults.length} differ`);
process.exitCode = faults.length > 0 || compared < 10 ? 1 : 0;
