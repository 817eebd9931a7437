# Starts one process and watches over it until all that it started is gone, also where no name space ends it: what the
# process leaves behind becomes a child of this one. It is Perl because Debian and its kin always have it and it can make
# bare system calls; it loads no module.
#
#   keeper.pl x64|arm64 PARENT DESCRIPTORS INFO COMMAND...
#     (COMMAND gets the descriptors below DESCRIPTORS; its process id is told to the descriptor INFO; without its PARENT
#     nothing runs)
use strict;
use warnings;

my ($machine, $parent, $descriptors, $info, @command) = @ARGV;
my $arm = $machine eq 'arm64';
my %number = (prctl => $arm ? 167 : 157, setsid => $arm ? 157 : 112, close_range => 436);
use constant {
    EVERY_ID => 4294967295, CLOSE_RANGE_CLOEXEC => 4, PR_SET_PDEATHSIG => 1, PR_SET_CHILD_SUBREAPER => 36,
    SIGTERM => 15, WNOHANG => 1,
};

$SIG{TERM} = sub { end_all(); exit 143 };
call('prctl', PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
call('prctl', PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
exit 143 if getppid != $parent;
my $child = fork // stop("fork: $!");
become() if $child == 0;
report($info, qq({"child-pid": $child}\n));
close_all();
my $status = awaited($child);
end_all();
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);

sub stop { print STDERR "keeper: $_[0]\n"; exit 125 }

sub call {
    my ($name, @arguments) = @_;
    stop("$name: $!") if syscall($number{$name}, @arguments) < 0;
}

sub become {
    $SIG{TERM} = 'DEFAULT';
    call('setsid');
    call('close_range', 0 + $descriptors, EVERY_ID, CLOSE_RANGE_CLOEXEC);
    { no warnings 'exec'; exec { $command[0] } @command; }
    stop("$command[0]: $!");
}

sub report {
    my ($descriptor, $text) = @_;
    open(my $handle, '>&=', $descriptor) or stop("descriptor $descriptor: $!");
    syswrite($handle, $text);
    close $handle;
}

# What the host reads to its end must end with the process, not with the one that watches it.
sub close_all {
    open(STDIN, '<', '/dev/null');
    open(STDOUT, '>', '/dev/null');
    for (3 .. $descriptors - 1) {
        open(my $handle, '<&=', $_) or next;
        close $handle;
    }
}

# A group is signalled at once, however fast its processes make further ones. One that leaves its group makes no further
# ones when it is stopped, so all are stopped before any is ended.
sub end_all {
    while (1) {
        1 while waitpid(-1, WNOHANG) > 0;
        my %seen;
        while (my @fresh = grep { !$seen{$_}++ } below($$)) {
            kill '-KILL', groups(@fresh);
            kill 'STOP', @fresh;
        }
        return if !%seen;
        kill 'KILL', keys %seen;
        waitpid(-1, 0);
    }
}

# Before it has a group of its own, a process is in that of this one, which is the host's.
sub groups {
    my %groups = map { getpgrp($_) => 1 } @_;
    delete @groups{-1, getpgrp};
    return keys %groups;
}

sub below {
    my @found = children($_[0]);
    push @found, children($_) for @found;
    return @found;
}

sub children {
    my ($pid) = @_;
    my @found;
    for my $list (glob "/proc/$pid/task/*/children") {
        open(my $handle, '<', $list) or next;
        push @found, split ' ', <$handle> // '';
    }
    return @found;
}

sub awaited {
    my ($pid) = @_;
    while (1) {
        my $ended = waitpid(-1, 0);
        return $? if $ended == $pid;
        return 0 if $ended < 0 && !$!{EINTR};
    }
}
