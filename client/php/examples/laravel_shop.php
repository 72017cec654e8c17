<?php

// The example shop in Laravel: `php client/php/examples/laravel_shop.php`, with `fingerpostd --http-listen 127.0.0.1:8080` and Debian's
// php-laravel-framework. With composer, vendor/autoload.php stands in the place of the autoload line.

declare(strict_types=1);

namespace Shop;

use Fingerpost\{Client, Symfony};
use Illuminate\Config\Repository;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Bootstrap;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

require __DIR__ . '/shop.php';
require __DIR__ . '/serve.php';

if (PHP_SAPI === 'cli') {
    \serve(__FILE__);
}

require 'Illuminate/autoload.php';
require __DIR__ . '/../Fingerpost.php';

final class ShopKernel extends Kernel
{
    // Without files of configuration: the shop is one file.
    protected $bootstrappers = [Bootstrap\HandleExceptions::class, Bootstrap\RegisterFacades::class, Bootstrap\RegisterProviders::class, Bootstrap\BootProviders::class];

    // Global, and first: the policy's rules before each page, and their fields on error pages.
    protected $middleware = [Symfony::class];
}

final class Pages
{
    public function __construct(private readonly Symfony $fp)
    {
    }

    public function home(): string
    {
        return home();
    }

    public function orders(): string
    {
        return orderList();
    }

    // The order: 303 to its confirmation, which shows the message once.
    public function order(Request $request): Response|string
    {
        $item = $request->post('item');
        $number = place($item);
        if (isAntiPattern()) {
            return confirmation($number, "Order placed: $item");
        }
        return $this->fp->redirect($request, 'form_result', "/orders/$number/confirmation", flash: "Order placed: $item");
    }

    public function confirmation(Request $request, string $number): string
    {
        return confirmation((int) $number, $this->fp->flash($request));
    }

    // Destroy: 303, so that the browser does not repeat the DELETE at the list.
    public function destroy(Request $request, string $number): Response
    {
        destroy((int) $number);
        return $this->fp->redirect($request, 'form_result', '/orders');
    }

    // Moved for a while (307) and for good (308): both keep the method and the content.
    public function checkout(Request $request): Response
    {
        return $this->fp->redirect($request, 'temporary_move', '/orders');
    }

    public function cart(Request $request): Response
    {
        return $this->fp->redirect($request, 'permanent_move', '/orders');
    }

    // The webhook: 307 keeps the event. Its sender is known to follow; most do not.
    public function webhook(Request $request): Response
    {
        return $this->fp->redirect($request, 'reroute', '/v2/webhooks', redirect_capable: true);
    }

    public function webhookV2(Request $request): Response
    {
        return response($request->getContent(), 200, ['Content-Type' => 'text/plain']);
    }

    // The campaign: 302.
    public function springSale(Request $request): Response
    {
        return $this->fp->redirect($request, 'campaign', '/products?promo=spring');
    }

    public function products(Request $request): Response
    {
        return response(products($request->query('promo', '')), 200, OF_PRODUCTS);
    }

    // Where the visitor wants to go: 303, or 400 where that is not safe.
    public function go(Request $request): Response
    {
        return $this->fp->redirect($request, 'form_result', $request->query('next'));
    }

    // Back to where a login came from: 303, never elsewhere.
    public function back(Request $request): Response
    {
        return $this->fp->back($request, $request->query('next'), or: '/orders');
    }

    // The policy says where this leads.
    public function thanks(Request $request, string $number): Response
    {
        return $this->fp->named($request, 'order-placed', id: $number);
    }

    public function loginForm(Request $request): string
    {
        return loginForm($request->query('redirect_uri', registered($request->getPort())[0]), $request->query('state', ''));
    }

    // The OAuth login: 303, so that the password does not travel on.
    public function login(Request $request): Response
    {
        return $this->fp->redirect(
            $request,
            'authorization_response',
            $request->post('redirect_uri'),
            redirect_uris: registered($request->getPort()),
            response_parameters: login($request->post('state')),
        );
    }

    public function callback(Request $request): string
    {
        return received($request->method(), $request->server('QUERY_STRING', ''), $request->getContent());
    }
}

$room = sys_get_temp_dir() . '/fingerpost-laravel-' . posix_geteuid();
@mkdir("$room/bootstrap/cache", 0700, true);
$app = new Application($room);
$app->instance('env', 'production');
$app->instance('config', new Repository([
    'app' => [
        'debug' => false, 'url' => '', 'timezone' => 'UTC', 'locale' => 'en', 'fallback_locale' => 'en', 'aliases' => [],
        'providers' => [\Illuminate\Filesystem\FilesystemServiceProvider::class, \Illuminate\View\ViewServiceProvider::class,
            \Illuminate\Translation\TranslationServiceProvider::class, \Illuminate\Foundation\Providers\FoundationServiceProvider::class],
    ],
    'logging' => ['default' => 'errorlog', 'channels' => ['errorlog' => ['driver' => 'errorlog', 'level' => 'debug']]],
    'view' => ['paths' => [], 'compiled' => "$room/bootstrap/cache"],
]));
$app->singleton(ExceptionHandler::class, Handler::class);
$app->singleton(\Illuminate\Contracts\Http\Kernel::class, ShopKernel::class);
$app->singleton(Client::class, fn () => client());
$app->singleton(Symfony::class, fn ($app) => new Symfony($app->make(Client::class), fields: FIELDS));
$app->booted(function () use ($app): void {
    $routes = [
        ['GET', '/', 'home'], ['GET', '/orders', 'orders'], ['POST', '/orders', 'order'], ['GET', '/orders/{number}/confirmation', 'confirmation'],
        ['DELETE', '/orders/{number}', 'destroy'], ['POST', '/checkout', 'checkout'], ['POST', '/cart', 'cart'], ['POST', '/webhooks', 'webhook'],
        ['POST', '/v2/webhooks', 'webhookV2'], ['GET', '/spring-sale', 'springSale'], ['GET', '/products', 'products'], ['POST', '/go', 'go'],
        ['GET', '/back', 'back'], ['POST', '/back', 'back'], ['POST', '/thanks/{number}', 'thanks'], ['GET', '/login', 'loginForm'],
        ['POST', '/login', 'login'], ['GET', '/callback', 'callback'], ['POST', '/callback', 'callback'],
    ];
    foreach ($routes as [$method, $path, $page]) {
        $app['router']->addRoute($method === 'GET' ? ['GET', 'HEAD'] : [$method], $path, [Pages::class, $page])->where('number', '[0-9]+');
    }
});

$kernel = $app->make(\Illuminate\Contracts\Http\Kernel::class);
$request = Request::capture();
$response = $kernel->handle($request);
$response->send();
$kernel->terminate($request, $response);
