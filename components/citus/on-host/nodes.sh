# Reconciles Citus' list of nodes with the topology; runs on a host with a coordinator.
# GROUP (the coordinators' label) LEADER (connection string) DATABASE NODES ("citus-group name ..." lines) PORT
# Patroni itself adds nodes and follows failovers, but does not repeat its notifications if they fail.
# shellcheck shell=bash

# shellcheck disable=SC2153 # set before the script
query() { sql "$LEADER dbname=$DATABASE" -c "$1" </dev/null; }

# The present leader of a Citus group, according to Patroni.
leader_of() {
  local member
  for member in $1; do
    in_member curl -fsS -m 5 --cacert /run/secrets/ca.crt "https://$member:8008/cluster" </dev/null 2>/dev/null |
      sed -n 's/.*"name": "\([^"]*\)", "role": "leader", "state": "running".*/\1/p' | grep . && return
  done
  return 1
}

# What pg_dist_node should contain: "group name role" for each node; standbys are secondaries.
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

# Primaries that are not active or lack the metadata.
unwell() { query "SELECT nodename FROM pg_catalog.pg_dist_node WHERE noderole = 'primary' AND NOT (isactive AND hasmetadata AND metadatasynced)"; }

reconcile() {
  local should is group name role former
  # Changes nothing unless all leaders are known: the nodes of a group without a leader would look like unknown nodes.
  should=$(wanted) || return 1
  is=$(present) || return 1
  # Unknown nodes are removed first: a name that moved to another group has to be free.
  while read -r group name; do
    [ -n "$name" ] || continue
    say "Citus: removing $name of group $group, which is not in the topology"
    query "SELECT pg_catalog.citus_remove_node('$name', $PORT)" >/dev/null
  done < <(comm -13 <(cut -d' ' -f1,2 <<<"$should") <(cut -d' ' -f1,2 <<<"$is"))
  # Primaries come before their standbys.
  while read -r group name role; do
    [ -n "$name" ] || continue
    if [ "$role" = primary ]; then
      # A standby that took over is still listed as a secondary. Its row is removed, so that the primary's row can get its name.
      if grep -q "^$group $name secondary\$" <<<"$is"; then query "SELECT pg_catalog.citus_remove_node('$name', $PORT)" >/dev/null; fi
      former=$(query "SELECT nodeid FROM pg_catalog.pg_dist_node WHERE groupid = $group AND noderole = 'primary'")
      if [ -n "$former" ]; then
        say "Citus: $name is now the primary of group $group"
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

# Shards in groups that the topology lacks, as lines "group|shards", without those of reference tables, which every group has.
stranded() {
  query "SELECT groupid, count(*) FROM pg_catalog.pg_dist_placement JOIN pg_catalog.pg_dist_shard USING (shardid) JOIN pg_catalog.pg_dist_partition USING (logicalrelid) WHERE repmodel <> 't' AND groupid NOT IN ($(cut -d' ' -f1 <<<"$NODES" | paste -sd,)) GROUP BY groupid ORDER BY groupid"
}

main() {
  local group shards
  while IFS='|' read -r group shards; do
    [ -z "$group" ] || fail "worker group $group still has $shards shards and cannot be removed: set placement.workerGroups back, or move its shards away first (citus_drain_node)"
  done < <(stranded)
  # Patroni needs a loop or two to add new nodes. Only what it does not do is repaired here.
  if ! retry 45 agrees 2>/dev/null; then
    reconcile || true
    retry 60 agrees || fail "Citus' nodes differ from the topology: see pg_dist_node in database $DATABASE on the coordinators' leader"
  fi
}
lock_leader
main
exit 0
