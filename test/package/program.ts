// A program as a user writes it, under mocks: prints how many resources its cluster registers.
import * as pulumi from "@pulumi/pulumi";
import { PostgresCluster, type PostgresClusterArgs } from "postgres-cluster";

const image = (name: string) => `registry.example.org/${name}@sha256:${"0".repeat(64)}`;

const args: PostgresClusterArgs = {
  hosts: [1, 2, 3].map((number) => ({
    name: `db-${number}`,
    address: `10.0.0.${number}`,
    hostKey: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${String(number).repeat(43)}`,
  })),
  images: { etcd: image("etcd"), database: image("database"), proxy: image("proxy") },
};

let resources = 0;
void pulumi.runtime.setMocks({
  newResource: ({ name, inputs }) => {
    resources += 1;
    const made = {
      certPem: "PEM",
      certRequestPem: "PEM",
      privateKeyPem: "PEM",
      result: "word",
      stdout: "{}",
    };
    return { id: `${name}-id`, state: { ...inputs, ...made } };
  },
  call: () => ({}),
});
// The SDK's mocks know no hooks.
Object.assign(pulumi.runtime.getMonitor() ?? {}, {
  registerResourceHook: (_: unknown, done: (error: null, response: object) => void) => done(null, {}),
});

const cluster = new PostgresCluster("cluster", args);
cluster.writeUrl.apply(() => {
  console.log(
    `${resources} resources, ${cluster instanceof pulumi.ComponentResource ? "one" : "another"} SDK`,
  );
  // The oldest SDK goes on listening for hooks.
  process.exit();
});
