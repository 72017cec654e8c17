<?php

// What the example shops share: settings, orders in SQLite, and the pages. No redirect is decided here.
//
// The shops have no sessions and no CSRF tokens, to keep the focus on the redirects.

declare(strict_types=1);

namespace Shop;

/** A shop would rather wait for the right answer than have none. */
const TIMEOUT_MS = 10_000;
/** What the policy's rules look at, besides the fields that are always sent. */
const FIELDS = ['X-Route'];
/** What the page of products says of itself. */
const OF_PRODUCTS = ['Vary' => 'Accept-Language', 'Cache-Control' => 'max-age=60'];

function client(): \Fingerpost\Client
{
    return new \Fingerpost\Client(getenv('FINGERPOST_HTTP') ?: 'http://127.0.0.1:8080', timeoutMs: TIMEOUT_MS);
}

/** The POST answers 200 with the page itself, so that a reload orders again. */
function isAntiPattern(): bool
{
    return getenv('SHOP_ANTI_PATTERN') === '1';
}

function run(string $sql, mixed ...$values): array
{
    static $database = null;
    if ($database === null) {
        $database = new \PDO('sqlite:' . (getenv('SHOP_DATABASE') ?: 'shop.sqlite'));
        $database->exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)');
    }
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement->fetchAll(\PDO::FETCH_NUM);
}

/** The number of the new order. */
function place(string $item): int
{
    return run('INSERT INTO orders (item) VALUES (?) RETURNING id', $item)[0][0];
}

function destroy(int $number): void
{
    run('DELETE FROM orders WHERE id = ?', $number);
}

/** The redirect URIs that the OAuth client registered. */
function registered(int|string $port): array
{
    return ["http://127.0.0.1:$port/callback", "http://localhost:$port/callback"];
}

/** What the OAuth client gets. */
function login(string $state): array
{
    return [['name' => 'code', 'value' => bin2hex(random_bytes(16))], ['name' => 'state', 'value' => $state]];
}

function home(): string
{
    $last = run('SELECT max(id) FROM orders')[0][0] ?? 0;
    return page('Shop', strtr(file_get_contents(__DIR__ . '/pages/home.html'), ['$last' => $last]));
}

/** $flash comes from a cookie that anybody could have written: it is escaped. */
function confirmation(int $number, string $flash): string
{
    $message = $flash === '' ? '' : '<p id="flash">' . escaped($flash) . '</p>';
    $item = run('SELECT item FROM orders WHERE id = ?', $number)[0][0] ?? '';
    return page('Thank you', "$message<p id=\"order\">Order $number: " . escaped($item) . '</p>');
}

function orderList(): string
{
    $items = array_map(fn (array $order) => "<li>$order[0]: " . escaped($order[1]) . '</li>', run('SELECT id, item FROM orders ORDER BY id'));
    return page('Orders', '<ul id="orders">' . implode($items) . '</ul>');
}

function products(string $promo): string
{
    return page('Products', '<p id="promo">' . escaped($promo) . '</p>');
}

function loginForm(string $redirectUri, string $state): string
{
    return page('Login', strtr(file_get_contents(__DIR__ . '/pages/login.html'), ['$redirect_uri' => escaped($redirectUri), '$state' => escaped($state)]));
}

function received(string $method, string $query, string $content): string
{
    return page('Callback', '<p id="received">' . escaped("$method $query $content") . '</p>');
}

function page(string $title, string $content): string
{
    return "<!doctype html><html lang=en><meta charset=utf-8><title>$title</title><h1>$title</h1>$content</html>";
}

function escaped(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}
