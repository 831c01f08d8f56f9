# Holds Citus' list of nodes against the plan and mends what differs; runs on a host with a coordinator.
# GROUP (the coordinators' label) LEADER (connection string) DATABASE NODES ("citus-group name ..." lines) PORT
# Patroni itself adds nodes and follows failovers; its notifications are not retried, hence this.
# shellcheck shell=bash

# shellcheck disable=SC2153 # set before the script
query() { sql "$LEADER dbname=$DATABASE" -c "$1" </dev/null; }

# The member of a Citus group that leads it now, by Patroni's word.
leader_of() {
  local member
  for member in $1; do
    in_member curl -fsS -m 5 --cacert /run/secrets/ca.crt "https://$member:8008/cluster" </dev/null 2>/dev/null |
      sed -n 's/.*"name": "\([^"]*\)", "role": "leader", "state": "running".*/\1/p' | grep . && return
  done
  return 1
}

# What pg_dist_node has to say: "group name role" for each node; the standbys are secondaries.
wanted() {
  local group members leader name
  while read -r group members; do
    leader=$(leader_of "$members") || {
      echo "no leader in Citus group $group ($members)" >&2
      return 1
    }
    for name in $members; do
      if [ "$name" = "$leader" ]; then echo "$group $name primary"; else echo "$group $name secondary"; fi
    done
  done <<<"$NODES" | sort
}

present() { query "SELECT groupid, nodename, noderole FROM pg_catalog.pg_dist_node WHERE nodeport = $PORT ORDER BY 1, 2, 3" | tr '|' ' ' | sort; }

# Primaries that cannot be reached or lack the metadata.
unwell() { query "SELECT nodename FROM pg_catalog.pg_dist_node WHERE noderole = 'primary' AND NOT (isactive AND hasmetadata AND metadatasynced)"; }

mend() {
  local should is group name role former
  # Without a whole picture nothing is touched: a group without a leader would look like strangers.
  should=$(wanted) || return 1
  is=$(present) || return 1
  # Strangers go first: a name that moved to another group has to be free.
  while read -r group name; do
    [ -n "$name" ] || continue
    say "Citus: removing $name of group $group, which is not in the plan"
    query "SELECT pg_catalog.citus_remove_node('$name', $PORT)" >/dev/null
  done < <(comm -13 <(cut -d' ' -f1,2 <<<"$should") <(cut -d' ' -f1,2 <<<"$is"))
  # Primaries before their standbys.
  while read -r group name role; do
    [ -n "$name" ] || continue
    if [ "$role" = primary ]; then
      # A standby that took over is listed as one: its row goes, so that the primary's can get its name.
      if grep -q "^$group $name secondary\$" <<<"$is"; then query "SELECT pg_catalog.citus_remove_node('$name', $PORT)" >/dev/null; fi
      former=$(query "SELECT nodeid FROM pg_catalog.pg_dist_node WHERE groupid = $group AND noderole = 'primary'")
      if [ -n "$former" ]; then
        say "Citus: $name leads group $group now"
        query "SELECT pg_catalog.citus_update_node($former, '$name', $PORT)" >/dev/null
        continue
      elif [ "$group" = 0 ]; then
        query "SELECT pg_catalog.citus_set_coordinator_host('$name', $PORT)" >/dev/null
        continue
      fi
    fi
    if [ -z "$(query "SELECT 1 FROM pg_catalog.pg_dist_node WHERE nodename = '$name' AND nodeport = $PORT")" ]; then
      say "Citus: adding $name as $role of group $group"
      query "SELECT pg_catalog.citus_add_node('$name', $PORT, $group, '$role')" >/dev/null
    fi
  done < <(comm -23 <(printf '%s\n' "$should") <(printf '%s\n' "$is") | sort -k3)
  for name in $(unwell); do
    say "Citus: giving $name the metadata again"
    query "SELECT pg_catalog.citus_activate_node('$name', $PORT)" >/dev/null
  done
}

agrees() {
  local should is
  should=$(wanted) || return 1
  is=$(present) || return 1
  if [ "$should" != "$is" ]; then
    printf 'the nodes should be\n%s\nand are\n%s\n' "$should" "$is"
    return 1
  fi
  [ -z "$(unwell)" ] || {
    echo "without metadata: $(unwell)"
    return 1
  }
}

# Shards in groups that the plan lacks, as lines "group|shards"; every group has the reference tables' own.
stranded() {
  query "SELECT groupid, count(*) FROM pg_catalog.pg_dist_placement JOIN pg_catalog.pg_dist_shard USING (shardid) JOIN pg_catalog.pg_dist_partition USING (logicalrelid) WHERE repmodel <> 't' AND groupid NOT IN ($(cut -d' ' -f1 <<<"$NODES" | paste -sd,)) GROUP BY groupid ORDER BY groupid"
}

main() {
  local group shards
  while IFS='|' read -r group shards; do
    [ -z "$group" ] || fail "worker group $group holds $shards shards and is not in the plan: set placement.workerGroups back, or take the tables off it first (citus_drain_node)"
  done < <(stranded)
  # Patroni needs a loop or two to add what is new; only what it leaves is mended.
  if ! retry 45 agrees 2>/dev/null; then
    mend || true
    retry 60 agrees || fail "Citus' nodes differ from the plan: see pg_dist_node in database $DATABASE on the leading coordinator"
  fi
}
lock_leader
main
exit 0
