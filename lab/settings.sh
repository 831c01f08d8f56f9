# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the files beside this one
# Names, addresses and paths of the lab.

hosts=(host-1 host-2 host-3)

bridge=pgclab0
# The bridge is created with this hardware address ("pgcla" behind the "locally administered" bit). The lab
# recognises its bridge by it: unlike an alias it is there from the first moment, even if the lab is killed.
bridge_mac=02:70:67:63:6c:61
network=10.0.0.0/24
gateway=10.0.0.1
registry_port=5000

# Name of the nft tables, and the comment on iptables rules.
rules_name=postgres_cluster_lab
cgroup_name=postgres-cluster-lab

lab_dir=/var/lib/postgres-cluster-lab
lock_file=/run/lock/postgres-cluster-lab.lock
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/postgres-cluster

suite=bookworm

host_address() { echo "10.0.0.$((9 + ${1#host-}))"; }
host_dir() { echo "$lab_dir/hosts/$1"; }
# systemd-nspawn names the machine's end of a host's cable after the machine, at most 15 characters.
machine_name() { echo "pgclab-${1#host-}"; }
host_port() { echo "vb-$(machine_name "$1")"; }
