<?php

declare(strict_types=1);

namespace Tests;

use Fingerpost\{Client, FingerpostError, OnError, Outcome, Purpose, Source};

require_once __DIR__ . '/Support.php';

final class ClientTest extends Support
{
    private const ORDER = ['request' => ['method' => 'POST', 'url' => 'https://a.test/orders'], 'intent' => ['purpose' => 'form_result', 'target' => '/x']];
    private const MATCH = ['request' => ['method' => 'GET', 'url' => 'https://a.test/blog/tea']];
    private static string $real;

    public static function setUpBeforeClass(): void
    {
        self::$real = self::under(['rules' => [['id' => 'blog', 'match' => ['path_prefix' => '/blog'], 'intent' => ['purpose' => 'permanent_move', 'target' => '/journal{rest}']]]]);
    }

    private static function client(string $address, mixed ...$more): Client
    {
        return new Client($address, ...$more + ['timeoutMs' => self::PATIENT]);
    }

    private static function failed(callable $ask): FingerpostError
    {
        try {
            $ask();
        } catch (FingerpostError $error) {
            return $error;
        }
        self::fail('expected a FingerpostError');
    }

    public function testAnAnswer(): void
    {
        $decision = self::client(self::$real)->decide(self::ORDER);
        self::assertSame([Outcome::Redirect, 303, '/x', 'FORM_RESULT', Source::Service], [$decision->outcome, $decision->status, $decision->header('location'), $decision->reason, $decision->source]);
        $moved = self::client(self::$real)->decide(self::MATCH);
        self::assertSame([308, '/journal/tea', 'blog'], [$moved->status, $moved->header('Location'), $moved->rule]);
        self::assertTrue(self::client(self::$real)->ready());
    }

    public function testEveryPurposeIsOfTheService(): void
    {
        preg_match_all('/^  PURPOSE_(\w+) = [1-9]/m', file_get_contents(self::REPOSITORY . '/proto/fingerpost/v1/intent.proto'), $found);
        self::assertSame(array_map(strtolower(...), $found[1]), array_map(fn (Purpose $one) => $one->value, Purpose::cases()));
    }

    public function testAWrongQuestionNamesEveryField(): void
    {
        $error = self::failed(fn () => self::client(self::$real)->decide(['request' => ['method' => 'PO ST'], 'intent' => ['purpose' => 'form_result', 'target' => "/\x01"]]));
        self::assertSame(['INVALID_ARGUMENT', 'INVALID_FIELDS'], [$error->getCode(), $error->reason]);
        self::assertSame(['request.method', 'intent.target'], array_map(fn ($one) => $one->field, $error->violations));
        self::assertSame('NOT_FOUND', self::failed(fn () => self::client(self::$real)->decide(['request' => ['method' => 'GET'], 'intent_name' => 'none']))->getCode());
    }

    public function testTextThatIsNotUnicodeIsNotSent(): void
    {
        $error = self::failed(fn () => self::client(self::NOBODY)->decide(['request' => ['method' => 'GET', 'headers' => [['name' => 'A', 'value' => "\xff"]]]]));
        self::assertSame(['INVALID_ARGUMENT', 'request.headers[0].value'], [$error->getCode(), $error->violations[0]->field]);
    }

    public function testAQuestionThatIsTooLargeIsNoOutage(): void
    {
        $client = self::client(self::$real);
        for ($i = 0; $i < 6; $i++) {
            $error = self::failed(fn () => $client->decide(['request' => ['method' => 'GET', 'url' => 'https://a.test/', 'headers' => array_fill(0, 100, ['name' => 'A', 'value' => str_repeat('a', 60_000)])]]));
            self::assertSame(['RESOURCE_EXHAUSTED', true], [$error->getCode(), $error->isAnswer()]);
        }
        self::assertSame(303, $client->decide(self::ORDER)->status);
    }

    public function testAnOutage(): void
    {
        $heard = [];
        $client = self::client(self::NOBODY, onFallback: function ($error) use (&$heard): void {
            $heard[] = $error->getCode();
            throw new \LogicException('a hook that fails');
        });
        $log = ini_set('error_log', '/dev/null');
        self::assertSame('UNAVAILABLE', self::failed(fn () => $client->decide(self::ORDER))->getCode());
        $passed = $client->decide(self::MATCH);
        self::assertSame([Outcome::Pass, Source::Fallback, 'UNAVAILABLE'], [$passed->outcome, $passed->source, $passed->error->getCode()]);
        self::assertSame(Outcome::Pass, $client->decide(['request' => ['method' => 'GET'], 'intent_name' => 'sale'])->outcome);
        $hop = $client->follow(['request' => ['method' => 'GET', 'url' => 'https://a.test/'], 'response' => ['status' => 302]]);
        self::assertSame([null, true, 'SERVICE_UNAVAILABLE', Source::Fallback], [$hop->next, $hop->failed, $hop->stop, $hop->source]);
        self::assertSame(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'], $heard);
        self::assertFalse($client->ready(50));
        $closed = self::client(self::NOBODY, onError: OnError::Raise);
        self::assertSame('UNAVAILABLE', self::failed(fn () => $closed->decide(self::MATCH))->getCode());
        ini_set('error_log', $log);
    }

    public function testTheFirstFallbackIsLogged(): void
    {
        $logger = new class extends \Psr\Log\AbstractLogger {
            public array $lines = [];

            public function log($level, $message, array $context = []): void
            {
                $this->lines[] = "$level $message";
            }
        };
        $client = self::client(self::NOBODY, logger: $logger);
        for ($i = 0; $i < 4; $i++) {
            $client->decide(self::MATCH);
        }
        self::assertCount(1, $logger->lines);
        self::assertStringStartsWith('warning Fingerpost did not answer (UNAVAILABLE', $logger->lines[0]);
        self::assertStringEndsWith(': 1', $logger->lines[0]);
    }

    public function testASilentServiceCostsNoMoreThanTheDeadline(): void
    {
        $silent = stream_socket_server('tcp://127.0.0.1:0');
        $client = new Client('http://' . stream_socket_get_name($silent, false), onError: 'raise', timeoutMs: 50);
        $begun = hrtime(true);
        self::assertSame('DEADLINE_EXCEEDED', self::failed(fn () => $client->decide(self::MATCH))->getCode());
        self::assertGreaterThan(45, (hrtime(true) - $begun) / 1e6);
        self::assertLessThan(2000, (hrtime(true) - $begun) / 1e6);
    }

    public function testTheBreakerOpensAfterFiveAndLetsOneThrough(): void
    {
        [$address, $room] = self::scripted(['status' => 500, 'text' => 'no']);
        $client = self::client($address, onError: 'raise');
        for ($i = 0; $i < 5; $i++) {
            self::assertSame('UNKNOWN', self::failed(fn () => $client->decide(self::ORDER))->getCode());
        }
        self::assertSame('BREAKER_OPEN', self::failed(fn () => $client->decide(self::ORDER))->getCode());
        self::assertCount(5, self::questions($room));
        file_put_contents("$room/answers", json_encode(['text' => '{"outcome": "OUTCOME_PASS"}']));
        for ($until = hrtime(true) + 20e9; hrtime(true) < $until; usleep(10_000)) {
            try {
                $client->decide(self::ORDER);
                break;
            } catch (FingerpostError $error) {
                self::assertSame('BREAKER_OPEN', $error->getCode());
            }
        }
        self::assertSame(Outcome::Pass, $client->decide(self::ORDER)->outcome);
        self::assertCount(7, self::questions($room));
    }

    public function testUnavailableIsAskedOnceMore(): void
    {
        $away = ['status' => 503, 'text' => '{"error": {"code": "UNAVAILABLE", "message": "later"}}'];
        [$address, $room] = self::scripted($away, ['text' => '{"outcome": "OUTCOME_PASS"}'], $away);
        $client = self::client($address);
        self::assertSame(Source::Service, $client->decide(self::ORDER)->source);
        self::assertCount(2, self::questions($room));
        self::assertSame('later', self::failed(fn () => $client->decide(self::ORDER))->explanation);
        self::assertCount(4, self::questions($room));
    }

    /** @dataProvider hostile */
    public function testWhatAHostileServiceSaysIsNotUsed(string $text): void
    {
        [$address] = self::scripted(['text' => $text]);
        $client = self::client($address);
        self::assertSame('MALFORMED', self::failed(fn () => $client->decide(self::ORDER))->getCode());
    }

    public static function hostile(): iterable
    {
        $answer = fn (array $more) => json_encode($more + ['outcome' => 'OUTCOME_REDIRECT', 'status' => 303, 'headers' => [['name' => 'Location', 'value' => '/x']]]);
        $fields = fn (array ...$lines) => $answer(['headers' => array_map(fn ($line) => ['name' => $line[0], 'value' => $line[1]], $lines)]);
        yield 'CR LF in a value' => [$fields(['Location', "/x\r\nSet-Cookie: a=b"])];
        yield 'LF in a value' => [$fields(['Location', "/x\nY: z"])];
        yield 'NUL in a value' => [$fields(['Location', "/x\0"])];
        yield 'LF at the end' => [$fields(['Location', "/x\n"])];
        yield 'LF in octets' => [$answer(['headers' => [['name' => 'Location', 'raw_value' => base64_encode("/\n")]]])];
        yield 'no base64' => [$answer(['headers' => [['name' => 'Location', 'raw_value' => '%']]])];
        yield 'a name with a space' => [$fields(['Loca tion', '/x'])];
        yield 'a name with LF' => [$fields(['Location', '/x'], ["X\n", 'z'])];
        yield 'two Locations' => [$fields(['Location', '/x'], ['location', '/y'])];
        yield 'no Location' => [$fields()];
        yield 'an empty Location' => [$fields(['Location', ''])];
        yield 'a redirect with 200' => [$answer(['status' => 200])];
        yield 'a redirect with 0' => [$answer(['status' => 0])];
        yield 'a response with 303' => [$answer(['outcome' => 'OUTCOME_RESPOND'])];
        yield 'a response with 600' => [$answer(['outcome' => 'OUTCOME_RESPOND', 'status' => 600])];
        yield 'a response with 100' => [$answer(['outcome' => 'OUTCOME_RESPOND', 'status' => 100])];
        yield 'PASS with a Location' => [$answer(['outcome' => 'OUTCOME_PASS', 'status' => 0])];
        yield 'PASS with a status' => [json_encode(['outcome' => 'OUTCOME_PASS', 'status' => 200])];
        yield 'the future with a Location' => [$answer(['outcome' => 'OUTCOME_NEW', 'status' => 0])];
        yield 'a target with LF' => [$answer(['target' => "https://a.test/\n"])];
        yield 'clear_cookie with CR' => [$answer(['clear_cookie' => "a\r"])];
        yield 'a list' => ['[1]'];
        yield 'no JSON' => ['<html>'];
        yield 'nothing' => [''];
        yield 'a number as headers' => [json_encode(['outcome' => 'OUTCOME_PASS', 'headers' => 5])];
        yield 'a text as a header' => [json_encode(['outcome' => 'OUTCOME_PASS', 'headers' => ['Vary']])];
        yield 'a list as a body' => [$answer(['body' => ['x']])];
        yield 'a text as a status' => [$answer(['status' => '303'])];
        yield 'an endless answer' => ['"' . str_repeat('a', 5 << 20) . '"'];
    }

    public function testAnOutcomeFromTheFutureIsPass(): void
    {
        [$address] = self::scripted(['text' => '{"outcome": "OUTCOME_NEW", "headers": [{"name": "Vary", "value": "A"}]}'], ['text' => '{"outcome": 9}'], ['text' => '{}']);
        $client = self::client($address);
        foreach ([[['Vary', 'A']], [], []] as $headers) {
            $decision = $client->decide(self::ORDER);
            self::assertSame([Outcome::Pass, $headers], [$decision->outcome, $decision->headers]);
        }
    }

    public function testStatusesWithoutAnError(): void
    {
        foreach ([502 => 'UNAVAILABLE', 404 => 'UNIMPLEMENTED', 403 => 'PERMISSION_DENIED', 302 => 'UNKNOWN', 500 => 'UNKNOWN'] as $status => $code) {
            [$address, $room] = self::scripted(['status' => $status, 'type' => 'text/html', 'text' => '<html>', 'fields' => $status === 302 ? ['Location: /v1/decide'] : []]);
            self::assertSame($code, self::failed(fn () => self::client($address)->decide(self::ORDER))->getCode());
            self::assertCount($code === 'UNAVAILABLE' ? 2 : 1, self::questions($room), 'no redirect is followed');
        }
    }

    public function testAnAddressSaysWhetherItIsTls(): void
    {
        foreach (['127.0.0.1:8080', 'ftp://a', 'http://a/path', 'http://u@a', 'http://'] as $address) {
            try {
                new Client($address);
                self::fail($address);
            } catch (\ValueError $error) {
                self::assertStringStartsWith('address: ', $error->getMessage());
            }
        }
        foreach ([0, -1, 25 * 24 * 3_600_000] as $wrong) {
            try {
                new Client('http://a', timeoutMs: $wrong);
                self::fail("$wrong");
            } catch (\ValueError $error) {
                self::assertStringStartsWith('timeoutMs: ', $error->getMessage());
            }
        }
    }

    public function testTheEnvironmentNamesNoProxy(): void
    {
        foreach (['http_proxy', 'ALL_PROXY'] as $name) {
            putenv("$name=http://127.0.0.1:1");
        }
        putenv('no_proxy');
        self::assertSame(303, self::client(self::$real)->decide(self::ORDER)->status);
        foreach (['http_proxy', 'ALL_PROXY'] as $name) {
            putenv($name);
        }
    }

    public function testAChildMakesItsOwnConnection(): void
    {
        $client = self::client(self::$real);
        self::assertSame(303, $client->decide(self::ORDER)->status);
        $children = [];
        for ($i = 0; $i < 3; $i++) {
            if (($child = pcntl_fork()) === 0) {
                for ($n = 0, $right = true; $n < 50; $n++) {
                    $right = $right && $client->decide(['intent' => ['purpose' => 'form_result', 'target' => "/$i/$n"]] + self::ORDER)->header('Location') === "/$i/$n";
                }
                posix_kill(getmypid(), $right ? SIGTERM : SIGKILL); // Without PHPUnit's own end.
            }
            $children[] = $child;
        }
        for ($n = 0; $n < 50; $n++) {
            self::assertSame("/$n", $client->decide(['intent' => ['purpose' => 'form_result', 'target' => "/$n"]] + self::ORDER)->header('Location'));
        }
        foreach ($children as $child) {
            pcntl_waitpid($child, $status);
            self::assertSame(SIGTERM, pcntl_wtermsig($status));
        }
    }

    public function testAClosedClient(): void
    {
        $client = self::client(self::$real);
        $client->close();
        $client->close();
        $this->expectException(\LogicException::class);
        $client->decide(self::ORDER);
    }
}
