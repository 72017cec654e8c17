<?php

// Guzzle with its default handler: reads a JSON request from each line, and prints how it ended. Its arguments are switches of allow_redirects.

require 'GuzzleHttp/autoload.php';

$client = new GuzzleHttp\Client(['http_errors' => false, 'verify' => getenv('CA_FILE')]);
// The code names only its major version.
preg_match('/^php-guzzlehttp-guzzle (\S+)/m', file_get_contents('/packages'), $package);
echo json_encode(['version' => $package[1]]), "\n";
while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line, true);
    $headers = [];
    foreach ($request['headers'] as [$name, $value]) {
        $headers[$name][] = $value;
    }
    $options = ['headers' => $headers];
    $switches = array_diff(array_slice($argv, 1), ['jar']);
    if ($switches) {
        $options['allow_redirects'] = array_fill_keys($switches, true);
    }
    if (in_array('jar', $argv, true)) {
        $options['cookies'] = new GuzzleHttp\Cookie\CookieJar();
    }
    if ($request['content'] !== null) {
        $stream = GuzzleHttp\Psr7\Utils::streamFor($request['content']);
        $options['body'] = $request['one_shot'] ? new GuzzleHttp\Psr7\NoSeekStream($stream) : $stream;
    }
    try {
        $answer = ['status' => $client->request($request['method'], $request['url'], $options)->getStatusCode()];
    } catch (Throwable $error) {
        $answer = ['error' => get_class($error) . ': ' . $error->getMessage()];
    }
    echo json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
