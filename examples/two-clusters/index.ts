// The stack's keys `two-clusters:orders` and `two-clusters:users` each hold the settings of a cluster, as
// docs/configuration.md has them. Clusters share no host; in one LAN each needs a virtualIp.routerId of its own.

import * as pulumi from "@pulumi/pulumi";
import { type ClusterSettings, PostgresCluster, parseSettings } from "postgres-cluster";

const stack = new pulumi.Config();
const clusterOf = (name: string) =>
  new PostgresCluster(name, { config: parseSettings(stack.requireObject<ClusterSettings>(name)) });

export const ordersUrl = clusterOf("orders").writeUrl;
export const usersUrl = clusterOf("users").writeUrl;
