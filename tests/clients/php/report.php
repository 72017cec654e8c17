<?php

// PHPUnit's JUnit file as lines that tests/run counts.

declare(strict_types=1);

$report = @simplexml_load_file($argv[1]);
foreach ($report ? $report->xpath('//testcase') : [] as $case) {
    $name = strtr("php: {$case['class']}: {$case['name']}", "\n", ' ');
    $wrong = $case->failure[0] ?? $case->error[0] ?? $case->skipped[0] ?? null;
    echo $wrong === null ? "ok $name\n" : "$wrong\nnot ok $name: {$wrong['type']}\n";
}
if (!$report) {
    echo "not ok php: PHPUnit reported nothing\n";
}
