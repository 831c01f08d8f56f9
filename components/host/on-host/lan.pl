# Sends test packets to the cluster's other hosts, and records which of theirs arrive, before and behind the packet filter.
#   listen TOKEN ADDRESS PORTS PEER...   records in the background, for a minute at most; also listens on the TCP ports PORTS,
#                                        separated by commas
#   send TOKEN ADDRESS PEER/FLOW...      prints the results; FLOW is tcp/PORT, udp/PORT, ip/PROTOCOL, or size/BYTES, a packet
#                                        of that size that no router may fragment
#   report TOKEN                         stops recording and prints what was recorded
# It prints lines: EVENT PEER FLOW. HOST is the host's name. It uses only perl-base, which every Debian has. It works with
# copies of packets, so other programs may hold the ports.
use strict;
use warnings;
use Errno qw(EHOSTUNREACH EINPROGRESS ENETUNREACH);
use POSIX ();
use Socket;

$SIG{__DIE__} = sub { print STDERR "$ENV{HOST}: @_"; exit 1 };
my ($verb, $token, @rest) = @ARGV;
my $control = pack_sockaddr_un("\0postgres-cluster-lan-$token");

# The programs on these ports discard it: as VXLAN it lacks the network's flag, as VRRP it has the router id 0, as ESP it has no
# association, and as Swarm's gossip an unknown version.
my $magic = "P\0GC";

# From Linux' headers.
use constant {
  PF_PACKET => 17, ETH_P_ALL => 3, PACKET_OUTGOING => 4, IP_MTU_DISCOVER => 10, IP_PMTUDISC_PROBE => 3,
};

# A busy host has too many packets to look at all of them. The kernel passes on only those with the magic behind an IPv4 header,
# and TCP's first packets.
sub filter {
  my ($socket) = @_;
  my $program = join "", map { pack "SCCL", @$_ } (
    [0x30, 0, 0, 9],                      # the protocol
    [0x15, 0, 2, 6],
    [0x30, 0, 0, 33], [0x45, 5, 6, 2],    # TCP: with the flag SYN
    [0x15, 0, 2, 17],
    [0x20, 0, 0, 28], [0x05, 0, 0, 1],    # UDP: behind its header
    [0x20, 0, 0, 20],
    [0x15, 0, 1, unpack "N", $magic],
    [0x06, 0, 0, 65535],
    [0x06, 0, 0, 0],
  );
  setsockopt $socket, SOL_SOCKET, SO_ATTACH_FILTER, pack "Sx![P]P", length($program) / 8, $program
    or die "no filter: $!\n";
}

# A socket at an address of this host, which has to be the sender's address.
sub at {
  my ($type, $protocol, $address, $port) = @_;
  socket my $socket, PF_INET, $type, $protocol or die "no socket: $!\n";
  setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
  bind $socket, pack_sockaddr_in($port, inet_aton $address) or return;
  return $socket;
}

sub control {
  socket my $socket, PF_UNIX, SOCK_STREAM, 0 or die "no socket: $!\n";
  return $socket;
}

# Reads a packet: its flow, source, destination and message. Packets of other programs have no flow.
sub parse {
  my ($packet) = @_;
  return if length $packet < 24 || ord($packet) >> 4 != 4;
  my $protocol = ord substr $packet, 9, 1;
  my ($from, $to) = map { inet_ntoa substr $packet, $_, 4 } 12, 16;
  my $rest = substr $packet, 4 * (ord($packet) & 15);
  if ($protocol == 6) {
    my ($source, $target) = unpack "nn", $rest;
    my $answers = ord(substr $rest, 13, 1) & 0x10;
    return ("tcp/" . ($answers ? $source : $target), $from, $to, $answers ? "answer" : "question");
  }
  $rest = substr $rest, 8 if $protocol == 17;
  return unless $rest =~ /^\Q$magic\E(question|answer) \Q$token\E (\S+)\n/;
  return ($2, $from, $to, $1);
}

# Whether something listens on a TCP port.
sub is_open {
  my $port = sprintf ":%04X", shift;
  local @ARGV = ("/proc/net/tcp", grep { -e } "/proc/net/tcp6");
  return scalar grep { (split)[1] =~ /$port$/ && (split)[3] eq "0A" } <>;
}

sub message { my ($kind, $flow) = @_; return "$magic$kind $token $flow\n" }

sub listening {
  my ($address, $ports, @peers) = @_;
  my %is_peer = map { $_ => 1 } @peers;
  my %seen;
  socket my $wire, PF_PACKET, SOCK_DGRAM, unpack "S", pack "n", ETH_P_ALL or die "no packet socket: $!\n";
  my @raw = map { at(SOCK_RAW, $_, $address, 0) // die "no raw socket at $address: $!\n" } 17, 50, 112;
  filter($_) for $wire, @raw;
  my $asked = control();
  bind $asked, $control and listen $asked, 1 or die "no control socket: $!\n";
  # On a host in a Swarm the ports belong to Docker, even while it starts.
  my @tcp = -e "/var/lib/docker/swarm/docker-state.json" ? () : grep { $_ && listen $_, 16 }
    map { scalar at(SOCK_STREAM, 0, $address, $_) } split /,/, $ports;

  return if fork // die "no process: $!\n";
  POSIX::setsid();
  open STDIN, "<", "/dev/null";
  open STDOUT, ">", "/dev/null";
  open STDERR, ">", "/dev/null";
  alarm 60;
  my %at = map { fileno $_ => $_ } $wire, @raw, $asked, @tcp;
  while (1) {
    my $ready = "";
    vec($ready, $_, 1) = 1 for keys %at;
    select $ready, undef, undef, undef;
    for my $socket (map { $at{$_} } grep { vec $ready, $_, 1 } keys %at) {
      if (grep { $_ == $socket } @tcp) { accept(my $client, $socket); next }
      if ($socket == $asked) {
        accept(my $client, $asked);
        print $client map { "$_\n" } sort(keys %seen), map { "closed $address tcp/$_" } grep { !is_open($_) } split /,/, $ports;
        exit;
      }
      my $source = recv $socket, my $packet, 65535, 0;
      my ($flow, $from, $to, $kind) = parse($packet) or next;
      if ($socket == $wire) {
        # struct sockaddr_ll
        my $leaves = ord(substr $source, 10, 1) == PACKET_OUTGOING;
        my $peer = $leaves ? $to : $from;
        my $event = $flow =~ /^tcp/ && $kind eq "answer" ? ($leaves ? "answered" : "back") : ($leaves ? "left" : "came");
        $seen{"$event $peer $flow"} = 1 if $is_peer{$peer};
      } elsif ($is_peer{$from}) {
        $seen{"heard $from $flow"} = 1;
        send $socket, message("answer", $flow), 0, pack_sockaddr_in(0, inet_aton $from) if $flow =~ /^ip/ && $kind eq "question";
      }
    }
  }
}

sub sending {
  my ($address, @flows) = @_;
  my ($udp, %raw, %connecting);
  $udp = at(SOCK_DGRAM, 0, $address, 0) // die "no socket at $address: $!\n";
  setsockopt $udp, 0, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE;
  # Several times, because a packet may be lost.
  for my $round (1 .. 3) {
    for (@flows) {
      my ($peer, $flow, $kind, $number) = m{^([^/]+)/((\w+)/(\d+))$} or die "$_ is no flow\n";
      my $question = message("question", $flow);
      if ($kind eq "udp") {
        send $udp, $question, 0, pack_sockaddr_in($number, inet_aton $peer);
      } elsif ($kind eq "size") {
        # Without the headers of IPv4 and UDP.
        send $udp, $question . "\0" x ($number - 28 - length $question), 0, pack_sockaddr_in(4789, inet_aton $peer);
      } elsif ($kind eq "ip") {
        $raw{$number} //= at(SOCK_RAW, $number, $address, 0) // die "no raw socket at $address: $!\n";
        send $raw{$number}, $question, 0, pack_sockaddr_in(0, inet_aton $peer);
      } elsif ($round == 1) {
        my $socket = at(SOCK_STREAM, 0, $address, 0) // die "no socket at $address: $!\n";
        $socket->blocking(0);
        connect $socket, pack_sockaddr_in($number, inet_aton $peer);
        $connecting{fileno $socket} = [$socket, "$peer $flow"];
      }
    }
    select undef, undef, undef, 0.1;
  }
  my $end = time + 3;
  while (%connecting && time < $end) {
    my $ready = "";
    vec($ready, $_, 1) = 1 for keys %connecting;
    select undef, $ready, undef, 0.5;
    for my $number (grep { vec $ready, $_, 1 } keys %connecting) {
      my ($socket, $flow) = @{ delete $connecting{$number} };
      $! = unpack "i", getsockopt $socket, SOL_SOCKET, SO_ERROR;
      print "connected $flow\n" if !$!;
      print "unreachable $flow\n" if $! == EHOSTUNREACH || $! == ENETUNREACH;
    }
  }
}

sub report {
  my $socket = control();
  connect $socket, $control or die "it does not listen any more: $!\n";
  print while <$socket>;
}

if ($verb eq "listen") { listening(@rest) }
elsif ($verb eq "send") { sending(@rest) }
elsif ($verb eq "report") { report() }
