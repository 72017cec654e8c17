<?php

// Symfony's HttpClient as HttpClient::create() makes it; with the extension curl that is a CurlHttpClient.

require 'Symfony/Component/HttpClient/autoload.php';

$client = Symfony\Component\HttpClient\HttpClient::create(['cafile' => getenv('CA_FILE'), 'timeout' => 5 * (int) getenv('PATIENCE')]);
preg_match('/^php-symfony-http-client (\d[\d.]*)/m', file_get_contents('/packages'), $package);
echo json_encode(['version' => $package[1] . ' ' . (new ReflectionClass($client))->getShortName()]), "\n";
while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line, true);
    $headers = [];
    foreach ($request['headers'] as [$name, $value]) {
        $headers[$name][] = $value;
    }
    $options = ['headers' => $headers];
    if ($request['content'] !== null) {
        $parts = [$request['content']];
        $options['body'] = $request['one_shot'] ? function (int $size) use (&$parts): string {
            return array_pop($parts) ?? '';
        } : $request['content'];
    }
    try {
        $response = $client->request($request['method'], $request['url'], $options);
        $response->getContent(false);
        $answer = ['status' => $response->getStatusCode()];
    } catch (Throwable $error) {
        $answer = ['error' => get_class($error) . ': ' . $error->getMessage()];
    }
    echo json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
