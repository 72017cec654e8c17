<?php

declare(strict_types=1);

namespace Tests;

require_once __DIR__ . '/Support.php';

/** The example shop in each framework, with a service and without. */
final class ShopTest extends Support
{
    private static string $real;

    public static function setUpBeforeClass(): void
    {
        self::$real = self::under(['rules' => [['id' => 'tea', 'match' => ['path' => '/tea'], 'intent' => ['purpose' => 'permanent_move', 'target' => '/products']]]]);
    }

    public static function shops(): iterable
    {
        foreach (['plain', 'symfony', 'laravel'] as $shop) {
            yield $shop => [$shop];
        }
    }

    /** A shop with a new database. */
    private static function shop(string $name, string $service, array $more = []): string
    {
        $environment = $more + ['FINGERPOST_HTTP' => $service, 'PORT' => '0', 'SHOP_DATABASE' => self::room() . '/shop.sqlite'];
        return self::started([PHP_BINARY, "client/php/examples/{$name}_shop.php"], '~listening on (\S+)~', $environment);
    }

    private static function send(string $shop, string $method, string $path, string|array $form = '', array $fields = []): array
    {
        $content = is_array($form) ? http_build_query($form) : $form;
        return self::ask($shop, $method, $path, $fields + ['Host' => substr($shop, 7), 'Content-Type' => 'application/x-www-form-urlencoded'], $content);
    }

    private static function leads(array $answer): array
    {
        return [$answer[0], ...self::values($answer, 'Location')];
    }

    /** @dataProvider shops */
    public function testAnOrderIsPlacedOnceItsMessageShownOnceAndDestroyed(string $name): void
    {
        $shop = self::shop($name, self::$real);
        $placed = self::send($shop, 'POST', '/orders', ['item' => 'tea & <b> – grüße']);
        self::assertSame([303, '/orders/1/confirmation'], self::leads($placed));
        [$cookie] = self::values($placed, 'Set-Cookie');
        $page = self::send($shop, 'GET', '/orders/1/confirmation', fields: ['Cookie' => explode(';', $cookie)[0]]);
        self::assertStringContainsString('<p id="flash">Order placed: tea &amp; &lt;b&gt; – grüße</p><p id="order">Order 1: tea &amp; &lt;b&gt; – grüße</p>', $page[2]);
        self::assertSame(['flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax'], self::values($page, 'Set-Cookie'));
        self::assertStringNotContainsString('id="flash"', self::send($shop, 'GET', '/orders/1/confirmation')[2]);
        self::assertStringContainsString('<li>1: tea', self::send($shop, 'GET', '/orders')[2]);
        self::assertSame([303, '/orders'], self::leads(self::send($shop, 'DELETE', '/orders/1')));
        self::assertStringContainsString('<ul id="orders"></ul>', self::send($shop, 'GET', '/orders')[2]);
        foreach (['order', 'checkout', 'cart', 'order-by-fetch', 'cancel', 'fetched'] as $id) {
            self::assertStringContainsString("id=\"$id\"", self::send($shop, 'GET', '/')[2]);
        }
    }

    /** @dataProvider shops */
    public function testMovesTheWebhookTheCampaignAndTheLogin(string $name): void
    {
        $shop = self::shop($name, self::$real);
        self::assertSame([307, '/orders'], self::leads(self::send($shop, 'POST', '/checkout', ['item' => 'coffee'])));
        self::assertSame([308, '/orders'], self::leads(self::send($shop, 'POST', '/cart', ['item' => 'cocoa'])));
        self::assertSame([307, '/v2/webhooks'], self::leads(self::send($shop, 'POST', '/webhooks', '{"event": "paid"}')));
        self::assertSame('{"event": "paid"}', self::send($shop, 'POST', '/v2/webhooks', '{"event": "paid"}', ['Content-Type' => 'application/json'])[2]);
        self::assertSame([302, '/products?promo=spring'], self::leads(self::send($shop, 'GET', '/spring-sale')));
        self::assertStringContainsString('<p id="promo">spring</p>', self::send($shop, 'GET', '/products?promo=spring')[2]);
        self::assertStringContainsString("value=\"$shop/callback\"", self::send($shop, 'GET', '/login')[2]);
        $login = ['redirect_uri' => "$shop/callback", 'state' => 's1', 'user' => 'u', 'password' => 's3cret'];
        $sent = self::send($shop, 'POST', '/login', $login);
        self::assertSame(303, $sent[0]);
        self::assertMatchesRegularExpression("~^$shop/callback\?code=\w+&state=s1$~", self::values($sent, 'Location')[0]);
        self::assertSame([400], self::leads(self::send($shop, 'POST', '/login', ['redirect_uri' => 'https://evil.example/'] + $login)));
        self::assertStringContainsString('<p id="received">POST a=1 b=2</p>', self::send($shop, 'POST', '/callback?a=1', 'b=2')[2]);
        self::assertSame([308, '/products'], self::leads(self::send($shop, 'GET', '/tea')), 'the rules are asked before each page');
    }

    /** @dataProvider shops */
    public function testTheAntiPatternOrdersAgain(string $name): void
    {
        $shop = self::shop($name, self::$real, ['SHOP_ANTI_PATTERN' => '1']);
        foreach ([1, 2] as $number) {
            $page = self::send($shop, 'POST', '/orders', ['item' => 'tea']);
            self::assertSame(200, $page[0]);
            self::assertStringContainsString("Order $number: tea", $page[2]);
        }
    }

    /** @dataProvider shops */
    public function testAnOutageIs503AndPagesGoOn(string $name): void
    {
        $shop = self::shop($name, self::NOBODY);
        $answer = self::send($shop, 'POST', '/orders', ['item' => 'tea']);
        self::assertSame([503, ['5']], [$answer[0], self::values($answer, 'Retry-After')]);
        self::assertDoesNotMatchRegularExpression('/UNAVAILABLE: |Failed to connect|Fingerpost/', $answer[2]);
        self::assertSame(200, self::send($shop, 'GET', '/orders')[0]);
        self::assertSame(404, self::send($shop, 'GET', '/tea')[0]);
    }
}
