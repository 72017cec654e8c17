<?php

declare(strict_types=1);

namespace Tests;

require_once __DIR__ . '/Support.php';

/** The helper and the rules before every page, in each framework. */
final class WebTest extends Support
{
    private const ADAPTERS = ['Plain', 'Psr', 'Symfony', 'Laravel'];
    private const POLICY = [
        'rules' => [
            ['id' => 'blog', 'match' => ['path_prefix' => '/blog'], 'intent' => ['purpose' => 'permanent_move', 'target' => '/journal{rest}']],
            ['id' => 'encoded', 'match' => ['path' => '/a%2Fb'], 'intent' => ['purpose' => 'permanent_move', 'target' => '/slash']],
            ['id' => 'tenant', 'match' => ['path' => '/tenant', 'fields' => [['name' => 'X-Tenant', 'equals' => 'b']]], 'intent' => ['purpose' => 'campaign', 'target' => '/of-b']],
            ['id' => 'gone', 'match' => ['path' => '/fax'], 'intent' => ['purpose' => 'gone']],
        ],
        'intents' => ['order-placed' => ['intent' => ['purpose' => 'form_result', 'target' => '/orders/{id}'], 'parameters' => ['id' => ['type' => 'integer']]]],
    ];
    private const PASS = ['text' => '{"outcome": "OUTCOME_PASS"}'];

    private static string $real;
    /** @var array<string, string> */
    private static array $apps = [];

    public static function setUpBeforeClass(): void
    {
        self::$apps = [];
        self::$real = self::under(self::POLICY);
    }

    public static function adapters(): iterable
    {
        foreach (self::ADAPTERS as $adapter) {
            yield $adapter => [$adapter];
        }
    }

    private static function app(string $adapter, ?string $service = null, array $more = []): string
    {
        $service ??= self::$real;
        $environment = $more + ['ADAPTER' => $adapter, 'SERVICE' => $service, 'TIMEOUT_MS' => (string) self::PATIENT];
        return self::$apps[implode(' ', $environment)] ??= self::php(__DIR__ . '/app.php', $environment);
    }

    /** @dataProvider adapters */
    public function testAnIntentIsWrittenUnchanged(string $adapter): void
    {
        $answer = self::ask(self::app($adapter), 'POST', '/go?purpose=form_result&target=' . rawurlencode('/x/%2Fü?a=b') . '&flash=Order%20placed');
        self::assertSame([303, ['/x/%2F%C3%BC?a=b'], ['no-store']], [$answer[0], self::values($answer, 'Location'), self::values($answer, 'Cache-Control')]);
        self::assertSame(['flash=Order%20placed; Path=/; Max-Age=60; HttpOnly; SameSite=Lax'], array_slice(self::values($answer, 'Set-Cookie'), -1));
        self::assertSame(['text/html; charset=utf-8'], self::values($answer, 'Content-Type'));
        self::assertSame([(string) strlen($answer[2])], self::values($answer, 'Content-Length'));
    }

    /** @dataProvider adapters */
    public function testScriptsThatSwapPages(string $adapter): void
    {
        $answer = self::ask(self::app($adapter), 'POST', '/go?purpose=form_result&target=/x', ['HX-Request' => 'true']);
        self::assertSame([200, ['/x'], []], [$answer[0], self::values($answer, 'HX-Redirect'), self::values($answer, 'Location')]);
    }

    /** @dataProvider adapters */
    public function testTheRules(string $adapter): void
    {
        $app = self::app($adapter);
        $location = fn (array $answer) => [$answer[0], self::values($answer, 'Location')];
        self::assertSame([308, ['/journal/tea?a=%20b']], $location(self::ask($app, 'GET', '/blog/tea?a=%20b')));
        self::assertSame([308, ['/slash']], $location(self::ask($app, 'GET', '/a%2Fb')));
        self::assertSame([200, []], $location(self::ask($app, 'GET', '/a%252Fb')));
        self::assertSame([200, []], $location(self::ask($app, 'GET', '/a/b')));
        self::assertSame([308, ['/journal/x']], $location(self::ask($app, 'GET', 'http://evil.example/blog/x')));
        self::assertSame([302, ['/of-b']], $location(self::ask($app, 'GET', '/tenant', ['X-Tenant' => 'b'])));
        self::assertSame(410, self::ask($app, 'GET', '/fax')[0]);
        $head = self::ask($app, 'HEAD', '/blog/tea');
        self::assertSame([308, ''], [$head[0], $head[2]]);
    }

    /** @dataProvider adapters */
    public function testAPageGetsTheAnswersFields(string $adapter): void
    {
        $page = self::ask(self::app($adapter), 'GET', '/tenant', ['X-Tenant' => 'a']);
        self::assertSame([200, 'page', ['Accept-Encoding, X-Tenant']], [$page[0], $page[2], self::values($page, 'Vary')]);
        self::assertCount(1, self::values($page, 'Cache-Control'));
        $added = [['name' => 'Vary', 'value' => 'accept-encoding, Cookie'], ['name' => 'Cache-Control', 'value' => 'private'], ['name' => 'Set-Cookie', 'value' => 'sticky=1; Path=/; Max-Age=60']];
        [$service] = self::scripted(['text' => json_encode(['outcome' => 'OUTCOME_PASS', 'headers' => $added])]);
        $page = self::ask(self::app($adapter, $service), 'GET', '/page');
        self::assertSame([['Accept-Encoding, Cookie']], [self::values($page, 'Vary')]);
        self::assertEqualsCanonicalizing(['max-age=60', 'private'], explode(', ', self::values($page, 'Cache-Control')[0]));
        $cookies = self::values($page, 'Set-Cookie');
        self::assertContains('sticky=1; Path=/; Max-Age=60', $cookies);
        self::assertCount(2, $cookies);
    }

    /** @dataProvider adapters */
    public function testTheFlashMessageIsClearedOnce(string $adapter): void
    {
        $page = self::ask(self::app($adapter), 'GET', '/flash', ['Cookie' => 'a=b; flash=x; __Host-flash=Order%20%C3%BC%FF']);
        self::assertSame("Order ü\u{fffd}", $page[2]);
        self::assertContains('__Host-flash=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax', self::values($page, 'Set-Cookie'));
        $page = self::ask(self::app($adapter), 'GET', '/flash', ['Cookie' => 'xflash=1']);
        self::assertSame(['', 1], [$page[2], count(self::values($page, 'Set-Cookie'))]);
    }

    /** @dataProvider adapters */
    public function testBack(string $adapter): void
    {
        foreach (['/cart?a=1' => '/cart?a=1', '//evil.example/' => '/home', "/a\nb" => '/home', '' => '/home', "/\xff" => '/home'] as $next => $location) {
            $answer = self::ask(self::app($adapter), 'POST', '/back?next=' . rawurlencode($next));
            self::assertSame([303, [$location]], [$answer[0], self::values($answer, 'Location')], $next);
        }
        self::assertSame(['/home'], self::values(self::ask(self::app($adapter), 'POST', '/back'), 'Location'));
    }

    /** @dataProvider adapters */
    public function testANamedIntent(string $adapter): void
    {
        self::assertSame(['/orders/7'], self::values(self::ask(self::app($adapter), 'POST', '/named?name=order-placed&id=7'), 'Location'));
        self::assertSame(500, self::ask(self::app($adapter), 'POST', '/named?name=nothing')[0]);
        // Nobody knows what it says: neither a page nor a redirect.
        $answer = self::ask(self::app($adapter, self::NOBODY), 'POST', '/named?name=order-placed&id=7');
        self::assertSame([503, ['5']], [$answer[0], self::values($answer, 'Retry-After')]);
    }

    /** @dataProvider adapters */
    public function testAnUnsafeTargetIs400AndDoesNotSayWhy(string $adapter): void
    {
        foreach (['https://evil.example/', '', "/a\r\nX: y", "/\xff"] as $target) {
            $answer = self::ask(self::app($adapter), 'POST', '/go?purpose=form_result&target=' . rawurlencode($target));
            self::assertSame([400, []], [$answer[0], self::values($answer, 'Location')], $target);
            self::assertDoesNotMatchRegularExpression('/evil|INVALID|target/', $answer[2]);
        }
        // The program's own contradiction is not the visitor's fault.
        self::assertSame(500, self::ask(self::app($adapter), 'POST', '/go?purpose=form_result&target=/x&pinned_status=307')[0]);
        self::assertSame(500, self::ask(self::app($adapter), 'GET', '/go?purpose=permanent_move&target=/x&flash=hello')[0]);
    }

    /** @dataProvider adapters */
    public function testAnOutageIs503AndPagesGoOn(string $adapter): void
    {
        $app = self::app($adapter, self::NOBODY);
        self::assertSame([200, 'page'], [self::ask($app, 'GET', '/blog/tea')[0], self::ask($app, 'GET', '/blog/tea')[2]]);
        $answer = self::ask($app, 'POST', '/go?purpose=form_result&target=/x');
        self::assertSame([503, ['5'], []], [$answer[0], self::values($answer, 'Retry-After'), self::values($answer, 'Location')]);
        self::assertDoesNotMatchRegularExpression('/UNAVAILABLE|connect/', $answer[2]);
        $closed = self::ask(self::app($adapter, self::NOBODY, ['ON_ERROR' => 'raise']), 'GET', '/blog/tea');
        self::assertSame([503, ['5']], [$closed[0], self::values($closed, 'Retry-After')]);
    }

    /** @dataProvider adapters */
    public function testWhatIsSent(string $adapter): void
    {
        [$service, $room] = self::scripted(self::PASS);
        $app = self::app($adapter, $service);
        $secrets = ['Authorization' => 'Basic czNjcmV0', 'Cookie' => 'sid=s3cret', 'X-Api-Key' => 's3cret', 'Proxy' => 's3cret', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Proto' => 'https'];
        self::ask($app, 'GET', '/p%C3%BC/%2f?q=%20&z=1&a=2', $secrets + ['Accept' => 'text/html', 'X-Tenant' => "a\xff", 'Sec-Fetch-Mode' => 'navigate']);
        [$asked] = self::questions($room);
        $question = json_decode($asked['text'], true);
        self::assertSame(['method' => 'GET', 'url' => 'http://shop.example.com/p%C3%BC/%2f?q=%20&z=1&a=2'], array_slice($question['request'], 0, 2));
        $sent = array_combine(array_map(strtolower(...), array_column($question['request']['headers'], 'name')), $question['request']['headers']);
        ksort($sent);
        self::assertSame(['accept', 'sec-fetch-mode', 'x-tenant'], array_keys($sent));
        self::assertSame(base64_encode("a\xff"), $sent['x-tenant']['raw_value']);
        self::assertDoesNotMatchRegularExpression('/s3cret|czNjcmV0|evil/', json_encode($asked));
    }

    /** @dataProvider adapters */
    public function testWhatTheRulesAreNotAsked(string $adapter): void
    {
        [$service, $room] = self::scripted(self::PASS);
        $app = self::app($adapter, $service);
        self::ask($app, 'OPTIONS', '/a', ['Access-Control-Request-Method' => 'POST']);
        self::ask($app, 'GET', '/assets');
        self::ask($app, 'GET', '/assets/a.css?b');
        self::assertSame([], self::questions($room));
        self::ask($app, 'GET', '/assets/../a');
        self::ask($app, 'GET', '/assetsx');
        self::ask($app, 'OPTIONS', '/a');
        self::assertCount(3, self::questions($room));
    }

    public function testPlainPhpBehindAProxyNamesItsOrigin(): void
    {
        $_SERVER = ['REQUEST_METHOD' => 'GET', 'REQUEST_URI' => 'http://x/a?b', 'HTTP_HOST' => 'inner:8080'] + $_SERVER;
        self::assertSame('https://shop.example.com/a?b', \Fingerpost\Request::fromGlobals('https://shop.example.com')->url);
        self::assertSame('http://inner:8080/a?b', \Fingerpost\Request::fromGlobals()->url);
    }

    public function testWorkersShareTheBreakerByApcu(): void
    {
        [$service, $room] = self::scripted(['status' => 500, 'text' => 'no']);
        $app = self::php(__DIR__ . '/app.php', ['ADAPTER' => 'Plain', 'SERVICE' => $service, 'TIMEOUT_MS' => (string) self::PATIENT], ['apc.enabled' => '1']);
        $open = 0;
        for ($i = 0; $i < 20; $i++) { // Each in a process' life of its own.
            $open += self::ask($app, 'GET', '/page')[0] === 200 ? 1 : 0;
        }
        self::assertSame(20, $open);
        self::assertLessThan(10, count(self::questions($room)));
    }
}
