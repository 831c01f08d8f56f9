// Machines whose addresses are known only once they are made, and a cluster on them. `machineCommand` stands for whatever
// makes yours: a cloud's resource has the address as an output in the same way.

import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type ImagesSettings, PostgresCluster } from "postgres-cluster";

const stack = new pulumi.Config();

/** What logs in on the machines. */
const login = new tls.PrivateKey("login", { algorithm: "ED25519" });

const hosts = ["db-1", "db-2", "db-3"].map((name) => {
  // The machine gets its host key from here, for example by cloud-init, so that already the first connection is verified.
  const key = new tls.PrivateKey(`${name}-host-key`, { algorithm: "ED25519" });
  const machine = new command.local.Command(name, {
    create: stack.require("machineCommand"),
    environment: {
      NAME: name,
      HOST_KEY: key.privateKeyOpenssh,
      AUTHORIZED_KEY: login.publicKeyOpenssh,
    },
  });
  return { name, address: machine.stdout, hostKey: key.publicKeyOpenssh };
});

const cluster = new PostgresCluster(
  "orders",
  {
    ssh: { privateKey: login.privateKeyOpenssh },
    hosts,
    network: { hosts: stack.require("lan") },
    virtualIp: { address: stack.require("virtualIp") },
    images: stack.requireObject<ImagesSettings>("images"),
  },
  {
    // What is made in the cluster can be changed on its way to Docker: here every service gets a label more.
    transforms: [
      ({ type, props, opts }) =>
        type === "docker:index/service:Service"
          ? { props: { ...props, labels: [...props.labels, { label: "team", value: "orders" }] }, opts }
          : undefined,
    ],
  },
);

export const databaseUrl = cluster.writeUrl;
