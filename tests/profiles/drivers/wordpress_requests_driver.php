<?php

// Requests, the library that WordPress sends with, with its defaults: its transport is curl.

ini_set('display_errors', 'stderr');
require '/usr/share/wordpress/wp-includes/Requests/src/Autoload.php';
WpOrg\Requests\Autoload::register();

use WpOrg\Requests\Requests;

Requests::set_certificate_path(getenv('CA_FILE'));
echo json_encode(['version' => Requests::VERSION]), "\n";
while (($line = fgets(STDIN)) !== false) {
    $request = json_decode($line, true);
    $options = ['timeout' => 5 * (int) getenv('PATIENCE')];
    if ($request['content'] !== null) {
        // Otherwise the content of DELETE goes into the query.
        $options['data_format'] = 'body';
    }
    try {
        $response = Requests::request($request['url'], array_column($request['headers'], 1, 0), $request['content'] ?? [], $request['method'], $options);
        $answer = ['status' => $response->status_code];
    } catch (Throwable $error) {
        $answer = ['error' => get_class($error) . ': ' . $error->getMessage()];
    }
    echo json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
