# What ssh speaks through: bash -c THIS connect ADDRESS/PORT...; the first that answers as an ssh server is the one.
# ssh.ts makes one line of it: each line ends where a blank may follow, and holds neither a single quote nor a percent sign.
# shellcheck shell=bash
# An alarm interrupts a connect to a lost host, which neither accepts nor refuses. ssh hangs up when it gives up on a host:
# then too the connection has to be closed here, or it stands until sshd does so.
trap : ALRM HUP;
for place; do
  tries=0;
  while [ "$tries" -lt 60 ] && { [ -z "$SSH_WORDS" ] || [ -e "$SSH_WORDS" ]; }; do
    (sleep 2; kill -ALRM $$) >/dev/null 2>&1 & alarm=$!;
    { exec 3<>"/dev/tcp/$place"; } 2>/dev/null || { kill "$alarm" 2>/dev/null; break; };
    kill "$alarm" 2>/dev/null;
# sshd drops what comes in a burst before it greets (MaxStartups): such a connection is tried again. What takes the
# connection and keeps silent is as good as lost.
    before=$SECONDS;
    while IFS= read -r -t 5 line <&3; do
      case $line in SSH-*)
        echo "$line"; cat <&3 & from=$!; exec >&3; cat; kill "$from" 2>/dev/null; exit 0 ;;
      esac;
    done;
    exec 3>&-;
    [ $((SECONDS - before)) -lt 4 ] || break;
    tries=$((tries + 1)); sleep "0.$((RANDOM / 40 + 100))";
  done;
done;
[ ! -e "$SSH_WORDS" ] || exec 2>>"$SSH_WORDS";
echo "nothing answers as an ssh server at $*" >&2; exit 1
