<?php

// A service with a test's own words, for php -S. ROOM/answers has one answer in each line, the last one repeated:
// {"status": 200, "text": "…", "sleep_ms": 0}. ROOM/questions gets a line for each question.

declare(strict_types=1);

$room = getenv('ROOM');
$asked = ['path' => $_SERVER['REQUEST_URI'], 'text' => file_get_contents('php://input'), 'fields' => getallheaders()];
file_put_contents("$room/questions", json_encode($asked) . "\n", FILE_APPEND);
$answers = file("$room/answers", FILE_IGNORE_NEW_LINES);
if (count($answers) > 1) {
    file_put_contents("$room/answers", implode("\n", array_slice($answers, 1)));
}
$answer = json_decode($answers[0], true);
usleep(1000 * ($answer['sleep_ms'] ?? 0));
http_response_code($answer['status'] ?? 200);
header('Content-Type: ' . ($answer['type'] ?? 'application/json'));
foreach ($answer['fields'] ?? [] as $line) {
    header($line, false);
}
echo base64_decode($answer['octets'] ?? '') . ($answer['text'] ?? '');
