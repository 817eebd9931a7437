# Puts itself behind Landlock and a system call filter, where there are no namespaces, and becomes a program there. It is
# Perl because Debian and its kin always have it and it can make bare system calls; it loads no module.
#
#   landlock.pl x64|arm64 DESCRIPTORS STEPS FILTER
#     (the program gets the descriptors below DESCRIPTORS; STEPS and FILTER are descriptors: NUL-separated steps, and the
#     program of the filter)
#     join FILE                writes its process id to a cgroup's process list
#     limit RESOURCE VALUE     RLIMIT number and bound
#     set NAME VALUE           a variable of its environment, which is empty otherwise
#     allow KIND PATH          list|read|run|device|write: what it may do there and below
#     enter FOLDER             its working folder
#     exec COMMAND...
use strict;
use warnings;

my ($machine, $descriptors, $steps, $filter) = @ARGV;
my $arm = $machine eq 'arm64';
my %number = (
    close => $arm ? 57 : 3, prlimit => $arm ? 261 : 302, prctl => $arm ? 167 : 157, capset => $arm ? 91 : 126,
    close_range => 436, openat2 => 437, create_ruleset => 444, add_rule => 445, restrict_self => 446,
);
use constant {
    EVERY_ID => 4294967295, CLOSE_RANGE_CLOEXEC => 4, AT_FDCWD => -100, O_PATH => 0x200000, RESOLVE_NO_SYMLINKS => 4,
    PR_SET_SECCOMP => 22, SECCOMP_MODE_FILTER => 2, PR_SET_NO_NEW_PRIVS => 38, CAPABILITY_VERSION => 0x20080522,
    # Every right of files that Landlock knows since its fifth version, both of TCP, both scopes (its sixth).
    FILES => 0xffff, TCP => 3, SCOPES => 3, ABI_NEEDED => 6, ABI_VERSION_FLAG => 1, PATH_BENEATH => 1,
    EXECUTE => 1, WRITE_FILE => 2, READ_FILE => 4, READ_FOLDER => 8, OF_FILES => 0xc007,
    # Removing, and making folders, files, pipes and links; moving between folders; cutting off.
    CHANGE => 0x10 | 0x20 | 0x80 | 0x100 | 0x400 | 0x1000 | 0x2000 | 0x4000,
};
my %rights = (
    list => READ_FOLDER, read => READ_FILE | READ_FOLDER, run => READ_FILE | READ_FOLDER | EXECUTE,
    device => READ_FILE | WRITE_FILE, write => READ_FILE | READ_FOLDER | WRITE_FILE | CHANGE,
);

my $abi = syscall($number{create_ruleset}, 0, 0, ABI_VERSION_FLAG);
stop('this kernel has no Landlock, or it is not switched on') if $abi < 0;
stop("Landlock of this kernel is of version $abi, which bounds no signals; 6 is needed") if $abi < ABI_NEEDED;

my @steps = split /\0/, all_of($steps), -1;
pop @steps;
my $program = all_of($filter);
become(@steps);

sub stop { print STDERR "landlock: $_[0]\n"; exit 125 }

sub call {
    my ($name, @arguments) = @_;
    my $result = syscall($number{$name}, @arguments);
    stop("$name: $!") if $result < 0;
    return $result;
}

sub all_of {
    open(my $handle, '<&=', $_[0]) or stop("descriptor $_[0]: $!");
    local $/;
    return scalar <$handle>;
}

sub become {
    my (@ways, %environment, $folder, @command);
    while (defined(my $step = shift @_)) {
        if    ($step eq 'join')  { write_to(shift @_, $$) }
        elsif ($step eq 'limit') { limit(splice @_, 0, 2) }
        elsif ($step eq 'set')   { my ($name, $value) = splice @_, 0, 2; $environment{$name} = $value }
        elsif ($step eq 'allow') { push @ways, [splice @_, 0, 2] }
        elsif ($step eq 'enter') { $folder = shift @_ }
        elsif ($step eq 'exec')  { @command = @_; last }
        else                     { stop("unknown step $step") }
    }
    chdir $folder or stop("$folder: $!");
    %ENV = %environment;
    call('prctl', PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    fence(@ways);
    my ($header, $none) = (pack('LL', CAPABILITY_VERSION, 0), pack('L6', (0) x 6));
    call('capset', $header, $none);
    call('close_range', 0 + $descriptors, EVERY_ID, CLOSE_RANGE_CLOEXEC);
    my $loaded = pack('S x6 P', length($program) / 8, $program);
    call('prctl', PR_SET_SECCOMP, SECCOMP_MODE_FILTER, $loaded, 0, 0);
    { no warnings 'exec'; exec { $command[0] } @command; }
    stop("$command[0]: $!");
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

# The path is already resolved: a symbolic link in it now means that somebody is changing it under us.
sub fence {
    my $handled = pack('QQQ', FILES, TCP, SCOPES);
    my $rules = call('create_ruleset', $handled, length $handled, 0);
    for (@_) {
        my ($kind, $path) = @$_;
        $path =~ s{^/proc/self/}{/proc/$$/};
        my $how = pack('QQQ', O_PATH, 0, RESOLVE_NO_SYMLINKS);
        my $opened = syscall($number{openat2}, AT_FDCWD, $path, $how, length $how);
        stop("$path: $!") if $opened < 0;
        my $may = $rights{$kind} // stop("unknown kind $kind");
        $may &= OF_FILES unless -d "/proc/self/fd/$opened";
        my $rule = pack('Ql', $may, $opened);
        call('add_rule', $rules, PATH_BENEATH, $rule, 0);
        call('close', $opened);
    }
    call('restrict_self', $rules, 0);
}
