import { userInfo } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { HostScript } from "../../../components/host/HostScript.ts";
import { hostTarget } from "../../../components/host/ssh.ts";

const { FOLDER = "", HOST_KEY = "", NAME = "", PORT = "", WORK = "" } = process.env;

const host = { name: "host-1", address: "127.0.0.1", sshPort: Number(PORT), hostKey: HOST_KEY, capacity: {} };

/** What every script is: the host's lock, then work. It writes down what it does, and keeps its lock in the folder. */
new HostScript(
  "script",
  {
    target: { ...hostTarget({ user: "root" }, host), destination: `${userInfo().username}@host-1` },
    variables: { FOLDER, NAME },
    script: `note() { echo "$NAME $1" >>"$FOLDER/notes"; }\nlock_host\nnote begins\n${WORK}\nnote ends\nexit 0\n`,
  },
  {
    transforms: [
      ({ props, opts }) => ({
        opts,
        props: {
          ...props,
          stdin: pulumi
            .output(props.stdin)
            .apply((text: string) => text.replaceAll("/run/postgres-cluster", `${FOLDER}/host`)),
        },
      }),
    ],
  },
);
