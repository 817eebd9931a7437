# A hook of container engines: puts the first process of a container into groups before it runs anything.
#
#   enter-groups.pl FILE...
#     (the groups' process lists; the state of the container is on standard input)
use strict;
use warnings;

my $state = do { local $/; <STDIN> };
my ($process) = $state =~ /"pid": *(\d+)/ or die "no process id in the state of the container\n";
for my $file (@ARGV) {
    open(my $handle, '>', $file) or die "$file: $!\n";
    (syswrite($handle, $process) // -1) == length($process) or die "$file: $!\n";
}
