# A step of creating or changing a Patroni group; runs on a host with one of its members.
# GROUP PATRONI_GROUP (scope, and number with Citus) MEMBERS (name@host in order of preference) STEP
# LOOP_WAIT (seconds between Patroni's looks at its settings)
# STEP on create / on update:
#   lead    nothing / the first member becomes the leader, so that it is changed last
#   ready   waits until all members are ready / the same, with the restarts that changed parameters need, replicas first
# shellcheck shell=bash

# The group's members as lines "name role state restart", from any member on this host.
view() {
  local id
  id=$(member_here "$GROUP" 2>&1) || {
    echo "$id"
    return 1
  }
  docker exec "$id" sh -c 'curl -fsS -m 5 --cacert /run/secrets/ca.crt https://localhost:8008/cluster |
    jq -r ".members[] | [.name, .role, .state, (.pending_restart // false)] | join(\" \")"'
}

leader() { view | awk '$2 == "leader" && $3 == "running" {print $1}'; }

switched() {
  [ "$(leader)" = "$2" ] && return
  # shellcheck disable=SC2086 # words
  patronictl switchover $PATRONI_GROUP --leader "$1" --candidate "$2" --force
  [ "$(leader)" = "$2" ]
}

patronictl() { in_member patronictl -c /etc/patroni/patroni.yml "$@" </dev/null; }

all_ready() {
  local now name member
  now=$(view) || {
    echo "$now"
    return 1
  }
  for member in $MEMBERS; do
    name=${member%@*}
    if host_is_down "${member#*@}"; then continue; fi
    if ! grep -Eq "^$name (leader running|(replica|sync_standby|quorum_standby) streaming) " <<<"$now"; then
      printf '%s is not ready; the group says:\n%s\n' "$name" "$now"
      return 1
    fi
  done
}

await_group() {
  local member
  for member in $MEMBERS; do
    if host_is_down "${member#*@}"; then say "warning: ${member#*@} is down, the group continues without ${member%@*}"; fi
  done
  retry 300 all_ready ||
    fail "$GROUP is not ready after 300 s: see docker service ps --no-trunc and docker service logs of the member on any host"
}

lead() {
  local first=${MEMBERS%%@*} now
  now=$(leader) || true
  # Without a leader, or if the first member does not stream, no switchover is possible.
  if [ -z "$now" ] || [ "$now" = "$first" ] || ! view | grep -E "^$first [a-z_]+ streaming " >/dev/null; then return; fi
  say "$GROUP: switching over from $now to $first"
  # patronictl's exit status does not show whether it worked.
  retry 60 switched "$now" "$first" || fail "$GROUP: $first did not take over from $now: see patronictl list in any member's container"
  retry 60 all_ready || true
}

# Members that need a restart for changed parameters, the leader last.
pending() { view | awk '$4 == "true" {print ($2 == "leader"), $1}' | sort | cut -d' ' -f2; }

read -ra names <<<"$MEMBERS"
names=("${names[@]%@*}")

# When each member last read etcd, as lines "name time".
looks() {
  # shellcheck disable=SC2016 # expands in the container
  in_member sh -c 'for member; do
    curl -fsS -m 5 --cacert /run/secrets/ca.crt "https://$member:8008/patroni" | jq -r "\"$member \(.dcs_last_seen)\"" || true
  done' sh "${names[@]}" </dev/null 2>/dev/null
}

# Patroni reads its settings at once when it is sent one, even an unchanged one.
wake() {
  # shellcheck disable=SC2016 # expands in the container
  in_member sh -c 'settings=$1; shift
  for member; do
    curl -fsS -m 5 -o /dev/null --cacert /run/secrets/ca.crt --cert /run/secrets/tls.crt --key /run/secrets/tls.key \
      -X PATCH -d "$settings" "https://$member:8008/config" || true
  done' sh "{\"loop_wait\": $LOOP_WAIT}" "${names[@]}" </dev/null 2>/dev/null
}

# The times have whole seconds: within the same second the members are woken again.
looked_since() {
  wake
  [ -z "$(comm -12 <(sort <<<"$1") <(looks | sort))" ]
}

# A member reads its group's settings in one loop, and reports in the next whether it needs a restart for them.
look() {
  local before
  for _ in 1 2; do
    before=$(looks)
    retry $((LOOP_WAIT + 5)) looked_since "$before" || true
  done
}

restart_pending() {
  look
  local name round
  # For some parameters a standby must not have less than the leader had. When these get smaller, a second round is needed.
  for round in 1 2; do
    for name in $(pending); do
      say "$GROUP: restarting PostgreSQL of $name for its changed parameters"
      # shellcheck disable=SC2086 # words
      patronictl restart $PATRONI_GROUP "$name" --pending --force >/dev/null || fail "$name did not restart: see docker service logs $name"
      await_group
    done
    [ "$round" = 2 ] || look
  done
}

lock_cluster "$GROUP"
case $STEP-$1 in
  lead-create) ;;
  lead-update) lead ;;
  ready-create) await_group ;;
  ready-update)
    await_group
    restart_pending
    ;;
esac
exit 0
