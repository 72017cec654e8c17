# LWP::UserAgent: reads a JSON request from each line, and prints how it ended.

use strict;
use warnings;

use HTTP::Request;
use JSON::PP;
use LWP::UserAgent;

$| = 1;
my $json   = JSON::PP->new->utf8;
my $client = LWP::UserAgent->new(ssl_opts => { SSL_ca_file => $ENV{CA_FILE} }, timeout => 5 * $ENV{PATIENCE});
print $json->encode({ version => $LWP::UserAgent::VERSION }), "\n";
while (my $line = <STDIN>) {
    my $asked   = $json->decode($line);
    my $request = HTTP::Request->new($asked->{method}, $asked->{url});
    $request->push_header(@$_) for @{ $asked->{headers} };
    if (defined $asked->{content}) {
        my @parts = ($asked->{content}, '');
        $request->content($asked->{one_shot} ? sub { shift @parts } : $asked->{content});
    }
    my $response = eval { $client->request($request) };
    # No server here answers so: it is LWP's own word.
    if (!$response || $response->code >= 500) {
        my $error = $response ? $response->status_line : $@;
        print $json->encode({ error => $error }), "\n";
    } else {
        print $json->encode({ status => 0 + $response->code }), "\n";
    }
}
