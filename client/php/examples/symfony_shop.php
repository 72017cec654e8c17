<?php

// The example shop in Symfony: `php client/php/examples/symfony_shop.php`, with `fingerpostd --http-listen 127.0.0.1:8080` and Debian's
// php-symfony-framework-bundle. With composer, vendor/autoload.php stands in the place of the two autoload lines.

declare(strict_types=1);

namespace Shop;

use Fingerpost\{Client, SymfonySubscriber};
use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpKernel\Kernel;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;

require __DIR__ . '/shop.php';
require __DIR__ . '/serve.php';

if (PHP_SAPI === 'cli') {
    \serve(__FILE__);
}

require 'Symfony/Bundle/FrameworkBundle/autoload.php';
require __DIR__ . '/../Fingerpost.php';

final class ShopKernel extends Kernel
{
    use MicroKernelTrait;

    private const ROUTES = [
        'home' => ['GET', '/'], 'orders' => ['GET', '/orders'], 'order' => ['POST', '/orders'], 'confirmation' => ['GET', '/orders/{number}/confirmation'],
        'destroy' => ['DELETE', '/orders/{number}'], 'checkout' => ['POST', '/checkout'], 'cart' => ['POST', '/cart'], 'webhook' => ['POST', '/webhooks'],
        'webhookV2' => ['POST', '/v2/webhooks'], 'springSale' => ['GET', '/spring-sale'], 'products' => ['GET', '/products'],
        'go' => ['POST', '/go'], 'back' => ['GET|POST', '/back'], 'thanks' => ['POST', '/thanks/{number}'],
        'loginForm' => ['GET', '/login'], 'login' => ['POST', '/login'], 'callback' => ['GET|POST', '/callback'],
    ];

    public function registerBundles(): iterable
    {
        yield new FrameworkBundle();
    }

    public function getProjectDir(): string
    {
        return __DIR__;
    }

    public function getCacheDir(): string
    {
        return sys_get_temp_dir() . '/fingerpost-shop-' . posix_geteuid() . '-' . hash('xxh64', file_get_contents(__FILE__) . file_get_contents(__DIR__ . '/../Fingerpost.php'));
    }

    public function getLogDir(): string
    {
        return $this->getCacheDir();
    }

    private function configureContainer(ContainerConfigurator $container): void
    {
        $container->extension('framework', ['http_method_override' => false, 'router' => ['utf8' => true]]);
        $services = $container->services();
        $services->set(Client::class)->factory('Shop\client');
        // The subscriber asks the policy's rules before each page.
        $services->set(SymfonySubscriber::class)->arg('$fields', FIELDS)->autowire()->autoconfigure();
        $services->set(Pages::class)->autowire()->public();
    }

    private function configureRoutes(RoutingConfigurator $routes): void
    {
        foreach (self::ROUTES as $name => [$methods, $path]) {
            $routes->add($name, $path)->controller([Pages::class, $name])->methods(explode('|', $methods))->requirements(['number' => '\d+']);
        }
    }
}

final class Pages
{
    public function __construct(private readonly SymfonySubscriber $fp)
    {
    }

    public function home(): Response
    {
        return new Response(home());
    }

    public function orders(): Response
    {
        return new Response(orderList());
    }

    // The order: 303 to its confirmation, which shows the message once.
    public function order(Request $request): Response
    {
        $item = $request->request->get('item');
        $number = place($item);
        if (isAntiPattern()) {
            return new Response(confirmation($number, "Order placed: $item"));
        }
        return $this->fp->redirect($request, 'form_result', "/orders/$number/confirmation", flash: "Order placed: $item");
    }

    public function confirmation(Request $request, int $number): Response
    {
        return new Response(confirmation($number, $this->fp->flash($request)));
    }

    // Destroy: 303, so that the browser does not repeat the DELETE at the list.
    public function destroy(Request $request, int $number): Response
    {
        destroy($number);
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
        return new Response($request->getContent(), 200, ['Content-Type' => 'text/plain']);
    }

    // The campaign: 302.
    public function springSale(Request $request): Response
    {
        return $this->fp->redirect($request, 'campaign', '/products?promo=spring');
    }

    public function products(Request $request): Response
    {
        return new Response(products($request->query->get('promo', '')), 200, OF_PRODUCTS);
    }

    // Where the visitor wants to go: 303, or 400 where that is not safe.
    public function go(Request $request): Response
    {
        return $this->fp->redirect($request, 'form_result', $request->query->get('next'));
    }

    // Back to where a login came from: 303, never elsewhere.
    public function back(Request $request): Response
    {
        return $this->fp->back($request, $request->query->get('next'), or: '/orders');
    }

    // The policy says where this leads.
    public function thanks(Request $request, int $number): Response
    {
        return $this->fp->named($request, 'order-placed', id: (string) $number);
    }

    public function loginForm(Request $request): Response
    {
        $registered = registered($request->getPort());
        return new Response(loginForm($request->query->get('redirect_uri', $registered[0]), $request->query->get('state', '')));
    }

    // The OAuth login: 303, so that the password does not travel on.
    public function login(Request $request): Response
    {
        $form = $request->request;
        return $this->fp->redirect(
            $request,
            'authorization_response',
            $form->get('redirect_uri'),
            redirect_uris: registered($request->getPort()),
            response_parameters: login($form->get('state')),
        );
    }

    public function callback(Request $request): Response
    {
        return new Response(received($request->getMethod(), $request->server->get('QUERY_STRING', ''), $request->getContent()));
    }
}

$kernel = new ShopKernel('prod', false);
$request = Request::createFromGlobals();
$response = $kernel->handle($request);
$response->send();
$kernel->terminate($request, $response);
