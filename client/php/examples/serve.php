<?php

// Runs a shop in PHP's own server: `php client/php/examples/plain_shop.php`. The shop itself then runs in that server, once for each request.

declare(strict_types=1);

/** Replaces this process by the server, and prints the address when it listens. */
function serve(string $shop): never
{
    $port = (int) (getenv('PORT') ?: (getenv('PORT') === '0' ? 0 : 8000));
    if ($port === 0) {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($probe, false), ':'), 1);
        fclose($probe);
    }
    if (pcntl_fork() === 0) {
        for ($tries = 0; $tries < 1000; $tries++) {
            if ($connection = @stream_socket_client("tcp://127.0.0.1:$port")) {
                fclose($connection);
                echo "listening on http://127.0.0.1:$port\n";
                exit;
            }
            usleep(10_000);
        }
        exit(1);
    }
    pcntl_exec(PHP_BINARY, ['-d', 'expose_php=0', '-d', 'display_errors=0', '-d', 'log_errors=1', '-S', "127.0.0.1:$port", $shop], getenv());
    exit(1);
}
