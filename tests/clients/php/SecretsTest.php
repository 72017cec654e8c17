<?php

declare(strict_types=1);

namespace Tests;

use Fingerpost\{Client, Following, FingerpostError, Secrets, Stopped};
use GuzzleHttp\Client as Guzzle;
use GuzzleHttp\Cookie\CookieJar;
use GuzzleHttp\HandlerStack;
use GuzzleHttp\Psr7\HttpFactory;
use GuzzleHttp\Psr7\NoSeekStream;
use GuzzleHttp\Psr7\Request;
use GuzzleHttp\Psr7\Utils;

require_once __DIR__ . '/Support.php';

/** Follow: what leaves the process, what comes back, and the adapters for PSR-18 and Guzzle. */
final class SecretsTest extends Support
{
    private static string $real;
    private static string $one;
    private static string $other;
    private static string $seen;

    public static function setUpBeforeClass(): void
    {
        self::$real = self::service();
        self::$seen = self::room();
        self::$one = self::php(__DIR__ . '/origin.php', ['ROOM' => self::$seen, 'NAME' => 'one']);
        self::$other = self::php(__DIR__ . '/origin.php', ['ROOM' => self::$seen, 'NAME' => 'other']);
    }

    protected function setUp(): void
    {
        array_map(unlink(...), glob(self::$seen . '/*'));
    }

    private static function client(?string $service = null): Client
    {
        return new Client($service ?? self::$real, timeoutMs: self::PATIENT);
    }

    /** What both origins saw, in order. */
    private static function seen(): array
    {
        return is_file(self::$seen . '/seen') ? array_map(fn ($line) => json_decode($line, true), file(self::$seen . '/seen')) : [];
    }

    /** One way to follow for each adapter. */
    public static function ways(): iterable
    {
        yield 'PSR-18' => [fn (array $options = [], ?Client $client = null) => (new Following($client ?? self::client(), new HttpFactory(), new Guzzle(), $options))->sendRequest(...)];
        yield 'Guzzle' => [function (array $options = [], ?Client $client = null) {
            $stack = HandlerStack::create();
            Following::inGuzzle($stack, $client ?? self::client(), new HttpFactory(), $options);
            return fn ($request) => (new Guzzle(['handler' => $stack, 'http_errors' => false]))->send($request);
        }];
    }

    private static function to(string $location, int $status = 302, string $more = ''): string
    {
        return '/?' . http_build_query(['status' => $status, 'to' => $location]) . $more;
    }

    /** @dataProvider ways */
    public function testARedirectIsFollowed(\Closure $way): void
    {
        $response = $way()(new Request('POST', self::$one . self::to('/end', 303), ['Content-Type' => 'text/plain', 'X-A' => 'b'], 'content'));
        self::assertSame([200, 'one'], [$response->getStatusCode(), (string) $response->getBody()]);
        [$first, $second] = self::seen();
        self::assertSame(['POST', 'content'], [$first['method'], $first['content']]);
        self::assertSame(['GET', '/end', '', 'b'], [$second['method'], $second['url'], $second['content'], $second['fields']['X-A']]);
        self::assertArrayNotHasKey('Content-Type', $second['fields']);
    }

    /** @dataProvider ways */
    public function testContentIsSentAgain(\Closure $way): void
    {
        $way()(new Request('POST', self::$one . self::to(self::$other . '/end', 307), [], 'content'));
        self::assertSame(['content', 'content'], array_column(self::seen(), 'content'));
        try {
            $way()(new Request('POST', self::$one . self::to('/end', 307), [], new NoSeekStream(Utils::streamFor('content'))));
            self::fail('expected Stopped');
        } catch (Stopped $stopped) {
            self::assertSame(['BODY_NOT_REPLAYABLE', 307], [$stopped->hop->stop, $stopped->response->getStatusCode()]);
        }
    }

    /** @dataProvider ways */
    public function testSecretsStayOnTheirOriginAndInThisProcess(\Closure $way): void
    {
        $fields = ['Authorization' => 'Bearer s3cret', 'Cookie' => 'sid=s3cret', 'X-Api-Key' => 's3cret', 'X-A' => 'b'];
        $way(['secret_fields' => ['X-Api-Key']])(new Request('GET', self::$one . self::to('/?' . http_build_query(['status' => 302, 'to' => self::$other . '/end'])), $fields));
        [$first, $second, $third] = self::seen();
        foreach ([$first, $second] as $home) {
            self::assertSame(['Bearer s3cret', 'sid=s3cret', 's3cret'], [$home['fields']['Authorization'], $home['fields']['Cookie'], $home['fields']['X-Api-Key']]);
        }
        self::assertSame('other', $third['name']);
        self::assertDoesNotMatchRegularExpression('/s3cret/', json_encode($third));
        self::assertSame('b', $third['fields']['X-A']);
        $way(['trusted_origins' => [self::$one, self::$other]])(new Request('GET', self::$one . self::to(self::$other . '/end'), $fields));
        self::assertSame('Bearer s3cret', self::seen()[4]['fields']['Authorization']);
    }

    /** @dataProvider ways */
    public function testNoOctetOfASecretReachesTheService(\Closure $way): void
    {
        [$service, $room] = self::scripted(['text' => '{"stop": {"reason": "STOP_REASON_FINAL_RESPONSE"}}']);
        $url = str_replace('http://', 'http://us3r:s3cret@', self::$one);
        $way(['secret_fields' => ['X-Api-Key']], self::client($service))(new Request('GET', $url . self::to('/end'), ['Authorization' => 's3cret', 'Cookie' => 's3cret', 'Proxy-Authorization' => 's3cret', 'x-api-key' => 's3cret']));
        [$asked] = self::questions($room);
        self::assertStringContainsString('http://-@127.0.0.1', $asked['text']);
        self::assertDoesNotMatchRegularExpression('/s3cret|us3r/', json_encode($asked));
    }

    /** @dataProvider ways */
    public function testALoopADowngradeAndAnOutageAreStopped(\Closure $way): void
    {
        foreach (['LOOP' => self::to('/end?loop'), 'SCHEME_NOT_ALLOWED' => self::to('ftp://a.test/'), 'USERINFO' => self::to('http://u:p@a.test/'), 'INVALID_LOCATION' => self::to("http://[::1")] as $stop => $url) {
            try {
                $way()(new Request('GET', self::$one . ($stop === 'LOOP' ? '/loop' : $url)));
                self::fail("expected $stop");
            } catch (Stopped $stopped) {
                self::assertSame($stop, $stopped->hop->stop);
                self::assertInstanceOf(\Psr\Http\Client\ClientExceptionInterface::class, $stopped);
            }
        }
        $log = ini_set('error_log', '/dev/null');
        try {
            $way([], self::client(self::NOBODY))(new Request('GET', self::$one . self::to('/end')));
            self::fail('expected Stopped');
        } catch (Stopped $stopped) {
            self::assertSame('SERVICE_UNAVAILABLE', $stopped->hop->stop);
        }
        ini_set('error_log', $log);
    }

    /** @dataProvider ways */
    public function testWhatIsNoRedirectIsTheResult(\Closure $way): void
    {
        foreach ([200, 304, 404] as $status) {
            self::assertSame($status, $way([], self::client(self::NOBODY))(new Request('GET', self::$one . "/?status=$status"))->getStatusCode());
        }
        self::assertSame(302, $way()(new Request('GET', self::$one . '/?status=302'))->getStatusCode(), 'without a Location');
    }

    /** @dataProvider ways */
    public function testTheFirstUrlMustBeAllowed(\Closure $way): void
    {
        $options = ['targets' => ['deny_private_addresses' => true]];
        try {
            $way($options)(new Request('GET', self::$one . '/end'));
            self::fail('expected Stopped');
        } catch (Stopped $stopped) {
            self::assertSame(['TARGET_NOT_ALLOWED', null, []], [$stopped->hop->stop, $stopped->response, self::seen()]);
        }
    }

    public function testGuzzlesOwnCookiesAndSettings(): void
    {
        [$service, $room] = self::scripted(['text' => json_encode(['next' => ['method' => 'GET', 'url' => self::$one . '/end', 'headers' => []], 'changes' => []])]);
        $stack = HandlerStack::create();
        Following::inGuzzle($stack, self::client($service), new HttpFactory());
        $guzzle = new Guzzle(['handler' => $stack, 'cookies' => new CookieJar()]);
        $guzzle->get(self::$one . self::to('/end', 302, '&cookie=1'));
        self::assertSame('sid=s3cret', self::seen()[1]['fields']['Cookie']);
        self::assertDoesNotMatchRegularExpression('/s3cret/', json_encode(self::questions($room)));
        self::assertSame(302, $guzzle->get(self::$one . self::to('/end'), ['allow_redirects' => false])->getStatusCode());
    }

    public function testGuzzlesDigestStaysAtHome(): void
    {
        $stack = HandlerStack::create();
        Following::inGuzzle($stack, self::client(), new HttpFactory());
        (new Guzzle(['handler' => $stack]))->get(self::$one . self::to(self::$other . '/end'), ['auth' => ['us3r', 's3cret'], 'curl' => [CURLOPT_USERPWD => 'us3r:s3cret', CURLOPT_HTTPAUTH => CURLAUTH_BASIC]]);
        self::assertArrayHasKey('Authorization', self::seen()[0]['fields']);
        self::assertArrayNotHasKey('Authorization', self::seen()[1]['fields']);
    }

    public function testAnotherClientsProfileIsNoWayToSend(): void
    {
        $this->expectException(\ValueError::class);
        new Following(self::client(), new HttpFactory(), new Guzzle(), ['profile' => 'curl']);
    }

    private const FIELDS = [['name' => 'X', 'value' => '1'], ['name' => 'Authorization', 'value' => 's3cret'], ['name' => 'authorization', 'value' => 'second']];

    private static function question(array $more = []): array
    {
        return $more + ['request' => ['method' => 'GET', 'url' => 'https://a.test/', 'headers' => self::FIELDS], 'response' => ['status' => 302, 'headers' => [['name' => 'Location', 'value' => '/x']]]];
    }

    private static function answered(array $question, array $answer): array
    {
        [$service] = self::scripted(['text' => json_encode($answer)]);
        return self::client($service)->follow($question)->next['headers'];
    }

    public function testValuesComeBackAsTheChangesSay(): void
    {
        $withheld = ['name' => 'Authorization'];
        $next = fn (string $url, array $headers, array $changes = []) => ['next' => ['method' => 'GET', 'url' => $url, 'headers' => $headers], 'changes' => $changes];
        self::assertSame([['X', '1'], ['Authorization', 's3cret'], ['Authorization', 'second']], self::answered(self::question(), $next('https://a.test/x', [self::FIELDS[0], $withheld, $withheld])));
        $dropped = ['kind' => 'CHANGE_KIND_FIELD_DROPPED', 'index' => 1, 'field' => $withheld];
        self::assertSame([['Authorization', 'second']], self::answered(self::question(), $next('https://a.test/x', [$withheld], [$dropped])));
        $basic = self::question(['options' => ['profile' => 'curl']]);
        $basic['request'] = ['method' => 'GET', 'url' => 'https://us%40er:pass@a.test/'];
        $added = ['kind' => 'CHANGE_KIND_FIELD_ADDED', 'field' => $withheld];
        self::assertSame([['Authorization', 'Basic ' . base64_encode('us@er:pass')]], self::answered($basic, $next('https://a.test/x', [$withheld], [$added])));
        self::assertSame([['Authorization', '']], self::answered($basic, $next('https://b.test/x', [$withheld], [$added])));
    }

    /** @dataProvider lies */
    public function testALieWouldTakeASecretAway(array $answer): void
    {
        $log = ini_set('error_log', '/dev/null');
        [$service] = self::scripted(['text' => json_encode($answer)]);
        $hop = self::client($service)->follow(self::question());
        self::assertSame([null, true, 'MALFORMED'], [$hop->next, $hop->failed, $hop->error->getCode()]);
        ini_set('error_log', $log);
    }

    public static function lies(): iterable
    {
        $next = fn (array $more, array $changes = []) => ['next' => $more + ['method' => 'GET', 'url' => 'https://a.test/x', 'headers' => []], 'changes' => $changes];
        yield 'another host' => [$next(['url' => 'https://b.test/'])];
        yield 'another scheme' => [$next(['url' => 'http://a.test/'])];
        yield 'another port' => [$next(['url' => 'https://a.test:444/'])];
        yield 'a subdomain' => [$next(['url' => 'https://x.a.test/'])];
        yield 'userinfo that looks like the host' => [$next(['url' => 'https://a.test@b.test/'])];
        yield 'a backslash' => [$next(['url' => 'https://b.test\\@a.test/'])];
        yield 'no such field' => [$next([], [['kind' => 'CHANGE_KIND_FIELD_DROPPED', 'index' => 3]])];
        yield 'a negative index' => [$next([], [['kind' => 'CHANGE_KIND_FIELD_DROPPED', 'index' => -1]])];
        yield 'a script' => [$next(['url' => 'javascript:alert(1)'])];
        yield 'a line break in the URL' => [$next(['url' => "https://a.test/\n"])];
        yield 'a space in the URL' => [$next(['url' => 'https://a.test/ x'])];
        yield 'a method that is none' => [$next(['method' => "GET /\r\n"])];
        yield 'a value with LF' => [$next(['headers' => [['name' => 'X', 'value' => "1\n"]]])];
        yield 'an added value with LF' => [$next([], [['kind' => 'CHANGE_KIND_FIELD_ADDED', 'field' => ['name' => 'X', 'value' => "\n"]]])];
        yield 'changes that are no list' => [['changes' => 'x'] + $next([])];
    }

    public function testAnUnknownStopReasonIsAStop(): void
    {
        foreach (['{"stop": {"reason": "STOP_REASON_NEW", "error": true}}' => ['NEW', true], '{"stop": {"reason": 99}}' => ['99', false], '{}' => ['UNKNOWN', true]] as $text => $expected) {
            [$service] = self::scripted(['text' => $text]);
            $hop = self::client($service)->follow(self::question());
            self::assertSame([null, ...$expected], [$hop->next, $hop->stop, $hop->failed], $text);
        }
    }

    public function testCookieTravelsOnlyWhereTheServiceKeepsCookies(): void
    {
        $cookie = ['request' => ['method' => 'GET', 'url' => 'https://a.test/', 'headers' => [['name' => 'Cookie', 'value' => 'a=1']]], 'response' => ['status' => 302]];
        self::assertSame([['name' => 'Cookie']], Secrets::withheld($cookie)['request']['headers']);
        $kept = ['chain' => ['cookies' => [['name' => 'b']]]] + $cookie;
        self::assertSame('a=1', Secrets::withheld($kept)['request']['headers'][0]['value']);
        $set = array_replace_recursive($cookie, ['response' => ['headers' => [['name' => 'set-cookie', 'value' => 'b=2']]]]);
        self::assertSame('a=1', Secrets::withheld($set)['request']['headers'][0]['value']);
        self::assertSame([['name' => 'Cookie']], Secrets::withheld($set + ['options' => ['secret_fields' => ['COOKIE']]])['request']['headers']);
    }

    /** @dataProvider origins */
    public function testOrigins(bool $same, string $one, string $other): void
    {
        self::assertSame($same, Secrets::sameOrigin($one, $other));
    }

    public static function origins(): array
    {
        return [
            [true, 'https://a.test/x', 'HTTPS://A.TEST:443?y'], [true, 'http://a.test', 'http://a.test:80/'], [true, 'https://u:p@a.test/', 'https://a.test/'],
            [true, 'http://127.1/', 'http://127.0.0.1/'], [true, 'http://0x7f.1/', 'http://127.0.0.1/'], [true, 'http://017700000001/', 'http://127.0.0.1/'],
            [true, 'http://[::1]/', 'http://[0:0:0:0:0:0:0:1]/'], [true, 'https://bücher.test/', 'https://xn--bcher-kva.test/'], [false, 'https://a.test/', 'http://a.test/'],
            [false, 'https://a.test/', 'https://a.test.evil.test/'], [false, 'https://a.test/', 'https://a.test:8443/'], [false, 'https://a.test\\@b.test/', 'https://b.test/'],
            [false, 'https://a%2etest/', 'https://a.test/'], [false, 'ftp://a.test/', 'ftp://a.test/'], [true, 'http://127.256/', 'http://127.0.1.0'], [false, 'http://1.2.3.256/', 'http://1.2.3.256/'],
            [false, 'http://1.2.3.4.5/', 'http://1.2.3.4.5/'], [false, 'http://[::1]/', 'http://[::2]/'], [false, '', ''],
        ];
    }
}
