import { appendFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

const config = new pulumi.Config();
const folder = config.require("folder");

const password = new random.RandomPassword("password", { length: 24 });
const id = new random.RandomId("id", { byteLength: 4 });
const bytes = new random.RandomBytes("bytes", { length: 8 });

const caKey = new tls.PrivateKey("ca-key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const ca = new tls.SelfSignedCert("ca", {
  privateKeyPem: caKey.privateKeyPem,
  subject: { commonName: "test" },
  isCaCertificate: true,
  validityPeriodHours: 24,
  allowedUses: ["cert_signing"],
});
const key = new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const request = new tls.CertRequest("request", {
  privateKeyPem: key.privateKeyPem,
  subject: { commonName: "member" },
  dnsNames: ["member"],
  ipAddresses: ["10.0.0.10"],
});
const certificate = new tls.LocallySignedCert("certificate", {
  certRequestPem: request.certRequestPem,
  caPrivateKeyPem: caKey.privateKeyPem,
  caCertPem: ca.certPem,
  validityPeriodHours: 24,
  allowedUses: ["server_auth"],
});

const hook = new pulumi.ResourceHook("before", (args) => {
  appendFileSync(`${folder}/life`, `hook for ${args.name}\n`);
});
const script = new command.local.Command(
  "script",
  {
    interpreter: ["/bin/bash", "-c"],
    dir: folder,
    stdin: password.result,
    create: config.get("create") ?? "read -r password; printf %s $password >received; echo create >>life",
    update: config.get("update") ?? "echo update >>life",
    delete: "echo delete >>life",
    triggers: [config.get("trigger") ?? "first"],
    logging: command.local.Logging.None,
    addPreviousOutputInEnv: false,
  },
  {
    hooks: { beforeCreate: [hook] },
    additionalSecretOutputs: ["stdout", "stderr"],
    deleteBeforeReplace: true,
  },
);

new command.local.Command("logged", {
  create: "echo shown while it runs; echo kept back >&2",
  logging: command.local.Logging.Stdout,
});

if (config.getBoolean("docker")) {
  const provider = new docker.Provider("host", {
    host: "ssh://nobody@127.0.0.1:1",
    sshOpts: ["-o", "ControlMaster=auto"],
  });
  const options = { provider };
  const network = new docker.Network("network", { driver: "overlay", attachable: true }, options);
  const secret = new docker.Secret("secret", { data: password.result.apply(btoa) }, options);
  const file = new docker.ServiceConfig("file", { data: btoa("x") }, options);
  new docker.Service(
    "service",
    {
      taskSpec: {
        containerSpec: {
          image: "image",
          env: { A: "b" },
          mounts: [{ type: "volume", source: "data", target: "/data" }],
          secrets: [{ secretId: secret.id, secretName: secret.name, fileName: "/run/secret" }],
          configs: [{ configId: file.id, configName: file.name, fileName: "/etc/file" }],
        },
        networksAdvanceds: [{ name: network.id }],
      },
      endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 80, publishedPort: 80, publishMode: "host" }] },
    },
    options,
  );
}

export const hex = id.hex;
export const secret = config.requireSecret("secret");
export const length = bytes.base64.apply((text) => atob(text).length);
export const leaf = certificate.certPem;
export const authority = ca.certPem;
export const ran = script.id;
