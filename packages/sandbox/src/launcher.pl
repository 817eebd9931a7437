# Prepares one sandboxed process and becomes it: joins cgroups, shows chosen folders of the host in a private mount
# namespace, sets bounds, gives up its user, then executes bubblewrap. It is Perl because Debian and its kin always have
# it and it can make bare system calls; it loads no module.
#
#   launcher.pl x64|arm64 DESCRIPTOR
#     (reads its steps from DESCRIPTOR, each word ended by a NUL, and takes each as it comes; without the last it ends)
#     join FILE                        writes its process id to a cgroup's process list
#     limit RESOURCE VALUE             RLIMIT number and bound
#     show plain|owned READONLY SOURCE NAME
#                                      SOURCE becomes /tmp/NAME; `owned`: what SOURCE's owner owns looks owned by UID,
#                                      and what UID creates is the owner's on the disk (an idmapped mount)
#     user UID                         with `show`: needed first; the user and group to become
#     exec DESCRIPTORS COUNT COMMAND...
#                                      COUNT words to become; descriptors from DESCRIPTORS on, which a careless host may
#                                      have left open, do not reach them
use strict;
use warnings;

my $arm = shift(@ARGV) eq 'arm64';
open(my $steps, '<&=', shift @ARGV) or stop("steps: $!");
my %number = (
    mount     => $arm ? 40  : 165, unshare   => $arm ? 97  : 272, prlimit => $arm ? 261 : 302,
    setgroups => $arm ? 159 : 116, setresgid => $arm ? 149 : 119, setresuid => $arm ? 147 : 117,
    open_tree => 428, move_mount => 429, close_range => 436, openat2 => 437, mount_setattr => 442,
);
use constant {
    AT_FDCWD => -100, AT_EMPTY_PATH => 0x1000, AT_RECURSIVE => 0x8000, CLOEXEC => 0x80000, O_PATH => 0x200000,
    RESOLVE_NO_SYMLINKS => 4, OPEN_TREE_CLONE => 1, MOVE_MOUNT_F_EMPTY_PATH => 4,
    CLOSE_RANGE_CLOEXEC => 4, ATTR_RDONLY => 1, ATTR_NOSUID => 2, ATTR_NODEV => 4, ATTR_IDMAP => 0x100000,
    CLONE_NEWNS => 0x20000, CLONE_NEWUSER => 0x10000000, MS_REC => 0x4000, MS_PRIVATE => 0x40000,
    MS_NOSUID_NODEV => 6, EVERY_ID => 4294967295,
};

my (@shown, $user, %owners, $descriptors, @command);
until (@command) {
    my $step = word();
    if    ($step eq 'join')  { write_to(word(), $$) }
    elsif ($step eq 'limit') { limit(words(2)) }
    elsif ($step eq 'show')  { push @shown, [words(4)] }
    elsif ($step eq 'user')  { $user = 0 + word() }
    elsif ($step eq 'exec')  { $descriptors = 0 + word(); @command = words(word()) }
    else                     { stop("unknown step $step") }
}
close $steps;
if (defined $user) {
    show_all();
    call('setgroups', 0, 0);
    call('setresgid', $user, $user, $user);
    call('setresuid', $user, $user, $user);
}
call('close_range', $descriptors, EVERY_ID, CLOSE_RANGE_CLOEXEC);
{ no warnings 'exec'; exec { $command[0] } @command; }
stop("$command[0]: $!");

# The end of the steps before the last one is that of the host.
sub word {
    local $/ = "\0";
    my $word = readline $steps;
    exit 125 unless defined $word && chomp $word;
    return $word;
}

sub words { return map { word() } 1 .. $_[0] }

sub stop { print STDERR "launcher: $_[0]\n"; exit 125 }

sub call {
    my ($name, @arguments) = @_;
    my $result = syscall($number{$name}, @arguments);
    stop("$name: $!") if $result < 0;
    return $result;
}

sub write_to {
    my ($file, $text) = @_;
    open(my $handle, '>', $file) or stop("$file: $!");
    (syswrite($handle, $text) // -1) == length($text) or stop("$file: $!");
}

sub limit {
    my ($resource, $value) = @_;
    call('prlimit', 0, 0 + $resource, pack('QQ', $value, $value), 0);
}

# Every source is opened before /tmp is covered, so that sources below /tmp can be shown too.
sub show_all {
    my $namespace = readlink('/proc/self/ns/mnt');
    call('unshare', CLONE_NEWNS);
    # What follows covers /tmp: in the host's own namespace that would be a disaster.
    stop('no private mount namespace') if readlink('/proc/self/ns/mnt') eq $namespace;
    call('mount', my $none = 'none', my $root = '/', 0, MS_REC | MS_PRIVATE, 0);
    my @trees = map { tree(@$_) } @shown;
    my ($type, $options) = ('tmpfs', 'mode=0755,size=1m');
    call('mount', $none, my $stage = '/tmp', $type, MS_NOSUID_NODEV, $options);
    for my $index (0 .. $#shown) {
        my $target = "/tmp/$shown[$index][3]";
        if (-d "/proc/self/fd/$trees[$index]") { mkdir $target or stop("$target: $!") }
        else                                   { write_to($target, '') }
        call('move_mount', $trees[$index], my $empty = '', AT_FDCWD, $target, MOVE_MOUNT_F_EMPTY_PATH);
    }
}

# The source path is already resolved: a symbolic link in it now means that somebody is changing it under us.
sub tree {
    my ($kind, $read_only, $source) = @_;
    my $empty = '';
    my $how = pack('QQQ', O_PATH | CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
    my $opened = syscall($number{openat2}, AT_FDCWD, $source, $how, length $how);
    stop("$source: $!") if $opened < 0;
    my $tree = call('open_tree', $opened, $empty, OPEN_TREE_CLONE | CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
    my @facts = stat("/proc/self/fd/$opened") or stop("$source: $!");
    my $attributes = ATTR_NOSUID | ATTR_NODEV | ($read_only ? ATTR_RDONLY : 0);
    my $names = 0;
    if ($kind eq 'owned') {
        $attributes |= ATTR_IDMAP;
        $names = fileno($owners{"$facts[4] $facts[5]"} //= user_namespace($facts[4], $facts[5]));
    }
    my $change = pack('QQQQ', $attributes, 0, 0, $names);
    my $result = syscall($number{mount_setattr}, $tree, $empty, AT_EMPTY_PATH | AT_RECURSIVE, $change, length $change);
    stop("$source: its file system cannot show it to another user (idmapped mount): $!") if $result < 0;
    return $tree;
}

# A user namespace that exchanges the owner and the instance's user, and leaves everybody else as they are.
sub user_namespace {
    my ($owner, $group) = @_;
    pipe(my $ready_out, my $ready_in) && pipe(my $done_out, my $done_in) or stop("pipe: $!");
    my $child = fork // stop("fork: $!");
    if ($child == 0) {
        close $done_in;
        call('unshare', CLONE_NEWUSER);
        syswrite($ready_in, 'x');
        sysread($done_out, my $byte, 1);
        kill KILL => $$;
    }
    close $ready_in;
    sysread($ready_out, my $byte, 1) or stop('no user namespace for an idmapped mount');
    write_to("/proc/$child/uid_map", exchange($owner));
    write_to("/proc/$child/gid_map", exchange($group));
    open(my $namespace, '<', "/proc/$child/ns/user") or stop("user namespace: $!");
    close $done_in;
    waitpid($child, 0);
    return $namespace;
}

sub exchange {
    my ($id) = @_;
    return '0 0 ' . EVERY_ID . "\n" if $id == $user;
    my ($low, $high) = $id < $user ? ($id, $user) : ($user, $id);
    my @extents = ([0, 0, $low], [$low, $high, 1], [$low + 1, $low + 1, $high - $low - 1], [$high, $low, 1],
        [$high + 1, $high + 1, EVERY_ID - $high - 1]);
    return join '', map { "@$_\n" } grep { $_->[2] > 0 } @extents;
}
