# One host's part of the check of the LAN, see lan.ts; changes nothing. Verbs:
#   listen   starts to record packets; prints the MTU of the interface that has ADDRESS
#   send     sends FLOWS; prints the results
#   report   prints what was recorded, and what may drop packets here: "filter in|out NAME"
# HOST ADDRESS PROGRAM (text of lan.pl) TOKEN PORTS PEERS FLOWS
# shellcheck shell=bash

lan() { HOST=$HOST perl - "$@" <<<"$PROGRAM"; }

listen() {
  local peers
  read -ra peers <<<"$PEERS"
  lan listen "$TOKEN" "$ADDRESS" "$PORTS" "${peers[@]}"
  mtu_at "$ADDRESS"
}

send() {
  local flows
  read -ra flows <<<"$FLOWS"
  lan send "$TOKEN" "$ADDRESS" "${flows[@]}"
}

# iptables' built-in chains as nft lists them; rules of the old iptables are not among nft's.
old_rules() {
  iptables-save 2>/dev/null | awk '
    /^\*/ {print "table ip " substr($1, 2)}
    /^:(INPUT|OUTPUT) / {print "chain " substr($1, 2); print "hook " tolower(substr($1, 2)) " policy " tolower($2)}
    /^-A (INPUT|OUTPUT) .*-j (DROP|REJECT)/ {print "chain " $2; print "hook " tolower($2) " drop"}'
}

# chains input|output: the chains that may drop packets, except the cluster's own.
chains() {
  { nft list ruleset 2>/dev/null || true; old_rules || true; } | awk -v hook="$1" '
    $1 == "table" {table = $2 " " $3}
    $1 == "table" || $1 == "chain" {chain = $2; hooked = 0}
    $0 ~ "(^| )hook " hook " " {hooked = table != "inet postgres_cluster"}
    hooked && /(^|[ \t])(drop|reject)([ \t;]|$)/ && !told[table, chain]++ {
      print (n++ ? ", " : "") "chain " chain " of table " table
    }' | tr -d '\n'
}

# The program that manages this host's rules, or the rules themselves.
filter() {
  if grep -qsx ENABLED=yes /etc/ufw/ufw.conf; then
    echo ufw
  elif systemctl -q is-active firewalld; then
    echo firewalld
  else
    chains "$1"
  fi
}

case $1 in
  listen) listen ;;
  send) send ;;
  report)
    lan report "$TOKEN"
    echo "filter in $(filter input)"
    echo "filter out $(filter output)"
    ;;
esac
exit 0
