# shellcheck shell=bash disable=SC2154
# How many dimensions a page of the index holds.

wide=5710
server "$wide"
database "$wide"
vectors "$wide"

items "$wide" usual 300 1536
index "$wide" usual
check '1,536 dimensions work' is 1.00 sql "$wide" -c "SELECT round(recall('usual', 1536), 2)"
items "$wide" huge 2000 3000
aborts() {
  fails_with 'connection to server was lost' index "$wide" huge | tail -n 5
  grep -a 'was terminated by signal' "$root/tmp/$wide.log"
}
check 'fault: with 3,000 dimensions the build aborts the server' aborts
check 'the server comes back' soon sql "$wide" -c 'SELECT 1'
# The last of this server, for what lies beside such a page in memory is overwritten.
items "$wide" large 300 2000
writes_past_the_page() {
  index "$wide" large 2>"$work/warnings"
  grep -m 1 'WARNING: .* would exceed page boundary' "$work/warnings"
}
check 'fault: with 2,000 dimensions the index is written past its pages' writes_past_the_page
