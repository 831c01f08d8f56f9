# shellcheck shell=bash disable=SC2154 # names are set in settings.sh
# State of the lab, as a table or as JSON. It only reads, so it neither waits for other calls nor needs a lab.

# One line per host: name address state link ssh.
status_lines() {
  local host
  for host in "${hosts[@]}"; do
    status_line "$host" &
  done | sort
  wait
}

status_line() {
  local host=$1 state=stopped link='up' ssh='no'
  ! host_runs "$host" || state=running
  ! link_is_cut "$host" || link='cut'
  [[ $state == stopped || $link == cut ]] || ! host_answers "$host" || ssh=yes
  echo "$host $(host_address "$host") $state $link $ssh"
}

registry_state() { if registry_answers; then echo running; else echo stopped; fi; }

# Whether everything runs and answers, given the lines and the registry's state.
status_is_good() { [[ $2 == running ]] && ! grep -qv ' running up yes$' <<<"$1"; }

status_print() {
  local format=$1 lines registry
  lines=$(status_lines)
  registry=$(registry_state)
  "status_as_$format" "$lines" "$registry"
  status_is_good "$lines" "$registry"
}

status_as_table() {
  local format='%-10s %-16s %-8s %-5s %s\n'
  # shellcheck disable=SC2059 # one format for the head and the rows
  printf "$format" HOST ADDRESS STATE LINK SSH
  while read -r name address state link ssh; do
    # shellcheck disable=SC2059
    printf "$format" "$name" "$address" "$state" "$link" "$ssh"
  done <<<"$1"
  # shellcheck disable=SC2059
  printf "$format" registry "$gateway:$registry_port" "$2" - -
}

status_as_json() {
  awk -v registry="$2" -v at="$gateway:$registry_port" '
    BEGIN { printf "{\"hosts\":[" }
    {
      printf "%s{\"name\":\"%s\",\"address\":\"%s\",\"state\":\"%s\",\"link\":\"%s\",\"ssh\":%s}",
        (NR > 1 ? "," : ""), $1, $2, $3, $4, ($5 == "yes" ? "true" : "false")
    }
    END { printf "],\"registry\":{\"address\":\"%s\",\"state\":\"%s\"}}\n", at, registry }' <<<"$1"
}
