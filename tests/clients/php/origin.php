<?php

// An origin that requests are sent to, for php -S. ?status=302&to=URL redirects, ?cookie=1 sets a cookie; ROOM/seen gets a line for each request.

declare(strict_types=1);

$content = file_get_contents('php://input');
$seen = ['name' => getenv('NAME'), 'method' => $_SERVER['REQUEST_METHOD'], 'url' => $_SERVER['REQUEST_URI'], 'fields' => getallheaders(), 'content' => $content];
file_put_contents(getenv('ROOM') . '/seen', json_encode($seen) . "\n", FILE_APPEND);
if (isset($_GET['cookie'])) {
    header('Set-Cookie: sid=s3cret; Path=/');
}
if (isset($_GET['to'])) {
    header("Location: {$_GET['to']}");
}
if ($_SERVER['REQUEST_URI'] === '/loop') {
    header('Location: /loop');
    $_GET['status'] = 302;
}
http_response_code((int) ($_GET['status'] ?? 200));
echo isset($_GET['status']) && $_GET['status'] === '304' ? '' : getenv('NAME');
