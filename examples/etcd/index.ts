// pulumi config set --path 'etcd:hosts.ssh.knownHostsFile' '~/.ssh/known_hosts', and so on: the key `hosts` holds settings as
// docs/configuration.md has them, of which ssh, hosts, network, placement.etcd, resources.etcd and images count here.

import * as pulumi from "@pulumi/pulumi";
import {
  CertificateAuthority,
  clusterPlan,
  DockerHosts,
  EtcdCluster,
  type PostgresClusterArgs,
  Swarm,
} from "postgres-cluster";

const plan = clusterPlan(new pulumi.Config().requireObject<PostgresClusterArgs>("hosts"));
const { etcd: members } = plan.topology;

const docker = new DockerHosts("hosts", {
  plan,
  topology: { etcd: members, groups: [], proxies: [] },
  deletionPolicy: "retain",
});
const swarm = new Swarm("swarm", { plan, docker }).access;
const authority = new CertificateAuthority("authority", { swarm });
const etcd = new EtcdCluster("etcd", { swarm, authority, image: plan.images.etcd, members });

/** The members' names on the overlay networks, once all of them run. */
export const endpoints = etcd.ready.urn.apply(() => members.map(({ name }) => `https://${name}:2379`));
export const caCertificate = authority.certificate;
