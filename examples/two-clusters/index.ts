// The stack's keys `two-clusters:orders` and `two-clusters:users` each hold the settings of a cluster, as
// docs/configuration.md has them. Clusters share no host; in one LAN each needs a virtualIp.routerId of its own.

import * as pulumi from "@pulumi/pulumi";
import { PostgresCluster, type PostgresClusterArgs } from "postgres-cluster";

const stack = new pulumi.Config();
const clusterOf = (name: string) => new PostgresCluster(name, stack.requireObject<PostgresClusterArgs>(name));

export const ordersUrl = clusterOf("orders").writeUrl;
export const usersUrl = clusterOf("users").writeUrl;
