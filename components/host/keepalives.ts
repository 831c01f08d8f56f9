/**
 * How soon the kernel detects that the other end of an idle connection is gone: after a minute it probes every 20 s,
 * three times. A container has its own network and does not inherit the host's settings; its default is two hours.
 */
export const keepalives: Record<string, string> = {
  "net.ipv4.tcp_keepalive_time": "60",
  "net.ipv4.tcp_keepalive_intvl": "20",
  "net.ipv4.tcp_keepalive_probes": "3",
};
