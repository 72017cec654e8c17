<?php

// A small application in each framework, for php -S: the helper and the rules before every page. ADAPTER is Plain, Psr, Symfony or Laravel.

declare(strict_types=1);

namespace Psr\Http\Server {
    // PSR-15 as php-fig/http-server-handler and http-server-middleware have it; Debian has no package of them.
    interface RequestHandlerInterface
    {
        public function handle(\Psr\Http\Message\ServerRequestInterface $request): \Psr\Http\Message\ResponseInterface;
    }

    interface MiddlewareInterface
    {
        public function process(\Psr\Http\Message\ServerRequestInterface $request, RequestHandlerInterface $handler): \Psr\Http\Message\ResponseInterface;
    }
}

namespace {
    use Fingerpost\Client;
    use GuzzleHttp\Psr7\HttpFactory;
    use GuzzleHttp\Psr7\ServerRequest;
    use Illuminate\Http\Request as LaravelRequest;
    use Psr\Http\Message\ResponseInterface;
    use Psr\Http\Message\ServerRequestInterface;
    use Symfony\Component\EventDispatcher\EventDispatcher;
    use Symfony\Component\HttpFoundation\Request;
    use Symfony\Component\HttpFoundation\Response;
    use Symfony\Component\HttpKernel\Controller\ControllerResolver;
    use Symfony\Component\HttpKernel\EventListener\ErrorListener;
    use Symfony\Component\HttpKernel\EventListener\ResponseListener;
    use Symfony\Component\HttpKernel\Exception\HttpException;
    use Symfony\Component\HttpKernel\HttpKernel;

    require __DIR__ . '/load.php';

    const OF_PAGE = ['Vary' => 'Accept-Encoding', 'Cache-Control' => 'public, max-age=60'];
    $adapter = getenv('ADAPTER');
    $client = new Client(getenv('SERVICE'), getenv('ON_ERROR') ?: 'fallback', timeoutMs: (int) getenv('TIMEOUT_MS'));
    $options = ['fields' => ['X-Tenant'], 'exempt' => ['/assets']];
    [$path] = explode('?', $_SERVER['REQUEST_URI']);

    /** What the application does, in each framework's words. `$request` is null in plain PHP. */
    $pages = function (object $fp, ?object $request) use ($path): mixed {
        $first = $request === null ? [] : [$request];
        return match ($path) {
            '/go' => $fp->redirect(...$first, ...array_diff_key($_GET, ['pinned_status' => 1]), ...array_map(intval(...), array_intersect_key($_GET, ['pinned_status' => 1]))),
            '/back' => $fp->back(...$first, ...['next' => $_GET['next'] ?? null, 'or' => '/home']),
            '/named' => $fp->named(...$first, ...$_GET),
            '/flash' => $fp->flash(...$first),
            default => 'page',
        };
    };

    match ($adapter) {
        'Plain' => (function () use ($client, $options, $pages): void {
            $fp = new Fingerpost\Page($client, ...$options);
            if (!$fp->rules()) {
                foreach (OF_PAGE as $name => $value) {
                    header("$name: $value");
                }
                setcookie('own', '1');
                echo $pages($fp, null);
            }
        })(),
        'Psr' => (function () use ($client, $options, $pages): void {
            $factory = new HttpFactory();
            $fp = new Fingerpost\Middleware($client, $factory, $factory, ...$options);
            $handler = new class ($fp, $pages, $factory) implements Psr\Http\Server\RequestHandlerInterface {
                public function __construct(private object $fp, private Closure $pages, private HttpFactory $factory)
                {
                }

                public function handle(ServerRequestInterface $request): ResponseInterface
                {
                    $said = ($this->pages)($this->fp, $request);
                    if ($said instanceof ResponseInterface) {
                        return $said;
                    }
                    [$text, $clear] = is_array($said) ? $said : [$said, ''];
                    $page = $this->factory->createResponse()->withBody($this->factory->createStream($text))->withHeader('Set-Cookie', 'own=1');
                    foreach (OF_PAGE as $name => $value) {
                        $page = $page->withHeader($name, $value);
                    }
                    return $clear === '' ? $page : $page->withAddedHeader('Set-Cookie', $clear);
                }
            };
            $response = $fp->process(ServerRequest::fromGlobals(), $handler);
            ini_set('default_mimetype', '');
            foreach ($response->getHeaders() as $name => $values) {
                foreach ($values as $value) {
                    header("$name: $value", false);
                }
            }
            http_response_code($response->getStatusCode());
            echo $response->getBody();
        })(),
        'Symfony' => (function () use ($client, $options, $pages): void {
            $fp = new Fingerpost\SymfonySubscriber($client, ...$options);
            $events = new EventDispatcher();
            $events->addSubscriber($fp);
            $events->addSubscriber(new ResponseListener('UTF-8'));
            $events->addSubscriber(new ErrorListener(fn ($exception) => new Response('error', $exception->getStatusCode(), $exception->getHeaders())));
            $request = Request::createFromGlobals();
            $request->attributes->set('_controller', fn (Request $request) => page($pages($fp, $request)));
            (new HttpKernel($events, new ControllerResolver()))->handle($request)->send();
        })(),
        'Laravel' => (function () use ($client, $options, $pages): void {
            $fp = new Fingerpost\Symfony($client, ...$options);
            $request = LaravelRequest::capture();
            try {
                $response = $fp->handle($request, function ($request) use ($fp, $pages) {
                    try {
                        return page($pages($fp, $request));
                    } catch (HttpException $error) { // As its router's pipeline does.
                        return new Response('error', $error->getStatusCode(), $error->getHeaders());
                    }
                });
            } catch (HttpException $error) {
                $response = new Response('error', $error->getStatusCode(), $error->getHeaders());
            }
            $response->prepare($request)->send();
        })(),
    };

    function page(string|Response $said): Response
    {
        if (is_string($said)) {
            $said = new Response($said, 200, OF_PAGE);
            $said->headers->setCookie(new Symfony\Component\HttpFoundation\Cookie('own', '1'));
        }
        return $said;
    }
}
