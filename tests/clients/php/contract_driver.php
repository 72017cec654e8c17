<?php

// Answers the contract's questions by the PHP package: JSON lines in and out (client/contract/README.md).

declare(strict_types=1);

use Fingerpost\{Client, Decision, FingerpostError, Hop, OnError};

require __DIR__ . '/../../../client/php/Fingerpost.php';

final class Driver
{
    private ?Client $client = null;

    public function open(array $asked): array
    {
        $this->close();
        if (($asked['engine'] ?? 'auto') === 'local') {
            return ['error' => ['code' => 'UNIMPLEMENTED', 'message' => 'PHP has no engine']];
        }
        $this->client = new Client($asked['http'], $asked['on_error'] ?? OnError::Fallback, $asked['timeout_ms'] ?? null);
        return ['ok' => true];
    }

    public function ready(array $asked): array
    {
        return ['ready' => $this->client->ready($asked['timeout_ms'])];
    }

    public function decide(array $asked): array
    {
        $found = $this->client->decide(self::question($asked));
        // One from the future is a PASS for the caller.
        return self::said($found, ['outcome' => "OUTCOME_{$found->outcome->value}"] + $found->raw);
    }

    public function follow(array $asked): array
    {
        $found = $this->client->follow(self::question($asked));
        return self::said($found, $found->raw);
    }

    public function policy(): array
    {
        return ['state' => 'NONE', 'version' => '', 'problems' => ['PHP has no engine: the service answers']];
    }

    public function close(): array
    {
        $this->client?->close();
        return ['ok' => true];
    }

    public static function failed(FingerpostError $error): array
    {
        return ['code' => $error->getCode(), 'reason' => $error->reason, 'message' => $error->explanation, 'violations' => $error->violations];
    }

    private static function question(array $asked): array
    {
        return is_object($asked['question']) ? (array) self::arrays($asked['question']) : throw new FingerpostError('INVALID_ARGUMENT', 'the question is no object');
    }

    // Empty objects stay objects: a question in JSON knows them from empty lists.
    private static function arrays(mixed $value): mixed
    {
        $members = is_object($value) || is_array($value) ? array_map(self::arrays(...), (array) $value) : $value;
        return is_object($value) && $members === [] ? $value : $members;
    }

    private static function said(Decision|Hop $found, array $answer): array
    {
        return ['answer' => (object) $answer, 'source' => $found->source->value] + ($found->error ? ['error' => self::failed($found->error)] : []);
    }
}

$driver = new Driver();
while (($line = fgets(STDIN)) !== false) {
    $asked = (array) json_decode($line);
    try {
        $answer = $driver->{$asked['op']}($asked);
    } catch (FingerpostError $error) {
        $answer = ['error' => Driver::failed($error)];
    }
    echo json_encode($answer, JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
$driver->close();
