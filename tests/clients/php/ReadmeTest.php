<?php

declare(strict_types=1);

namespace Tests;

require_once __DIR__ . '/Support.php';

/** Every snippet of client/php/README.md, as it stands there. */
final class ReadmeTest extends Support
{
    private const SHOWN = "'http://127.0.0.1:8080'";
    private static string $real;

    public static function setUpBeforeClass(): void
    {
        self::$real = self::service();
    }

    /** All blocks of PHP: the code, and what it prints, if the README says so. */
    private static function blocks(): array
    {
        preg_match_all('/^```php\n(.*?)^```\n(?:\nIt prints\n\n```text\n(.*?)^```\n)?/ms', file_get_contents(self::REPOSITORY . '/client/php/README.md'), $found, PREG_SET_ORDER);
        return $found;
    }

    private static function block(string $start): string
    {
        foreach (self::blocks() as $block) {
            if (str_starts_with($block[1], $start)) {
                return self::patient($block[1]);
            }
        }
        self::fail("no block begins with $start");
    }

    private static function patient(string $code): string
    {
        $patient = ', timeoutMs: ' . self::PATIENT . ')';
        return str_replace([self::SHOWN . ')', '"http://$found[1]")'], ["'" . self::$real . "'$patient", '"http://$found[1]"' . $patient], $code);
    }

    public function testEveryBlockIsRunByATest(): void
    {
        $starts = array_map(fn ($block) => isset($block[2]) ? 'prints' : strtok($block[1], "\n"), self::blocks());
        self::assertSame([
            '<?php // index.php', '<?php // behind.php', 'prints', 'prints', '// config/services.php', '// src/Controller/OrderController.php', '// app/Providers/AppServiceProvider.php',
            '// app/Http/Controllers/OrderController.php', 'prints', 'prints', 'prints',
        ], $starts);
    }

    public function testWhatIsPrinted(): void
    {
        foreach (self::blocks() as $block) {
            if (isset($block[2])) {
                $program = self::room() . '/program.php';
                file_put_contents($program, "<?php\n" . self::patient($block[1]));
                // The log has its lines, too, and the README does not show them.
                $settings = ['include_path=' . get_include_path() . ':' . realpath(self::REPOSITORY . '/client/php'), 'error_log=/dev/null'];
                $php = 'PATH="$FINGERPOST_BIN:$PATH" php -d ' . implode(' -d ', array_map(escapeshellarg(...), $settings));
                self::assertSame($block[2], shell_exec("$php $program 2>&1"));
            }
        }
    }

    public function testComposerInstallsIt(): void
    {
        preg_match('/^```sh\n(.*?)^```/ms', file_get_contents(self::REPOSITORY . '/client/php/README.md'), $found);
        $room = self::room();
        mkdir("$room/client");
        symlink(realpath(self::REPOSITORY . '/client/php'), "$room/client/php");
        file_put_contents("$room/composer.json", '{}');
        file_put_contents("$room/program.php", '<?php require "vendor/autoload.php"; var_dump(class_exists(Fingerpost\Page::class), class_exists(Fingerpost\Following::class));');
        $quiet = "export COMPOSER_DISABLE_NETWORK=1 COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_NO_INTERACTION=1 COMPOSER_HOME='$room/home'; cd '$room' && ";
        $log = shell_exec("$quiet ({$found[1]}composer validate --strict client/php/composer.json) 2>&1");
        // Without an interface of PSR-18 there is no Following, and no error.
        self::assertSame("bool(true)\nbool(false)\n", shell_exec("cd '$room' && php program.php 2>&1"), $log);
        self::assertStringContainsString('composer.json is valid', $log);
        shell_exec('rm -r ' . escapeshellarg($room));
    }

    public function testThePlainPage(): void
    {
        $room = self::room();
        file_put_contents("$room/index.php", self::block('<?php // index.php'));
        $server = self::php("$room/index.php", [], ['include_path' => realpath(self::REPOSITORY . '/client/php')]);
        preg_match('/A POST to `\/orders` gets\n\n```text\n(.*?)```/s', file_get_contents(self::REPOSITORY . '/client/php/README.md'), $printed);
        $placed = self::ask($server, 'POST', '/orders');
        self::assertSame($printed[1], implode("\n", [$placed[0], ...self::values($placed, 'Location'), ...self::values($placed, 'Cache-Control'), '']));
        self::assertSame('Order placed', self::ask($server, 'GET', '/orders/7829/confirmation', ['Cookie' => 'flash=Order%20placed'])[2]);
        self::assertSame(['/login?next=%2Faccount%3Ftab%3D1'], self::values(self::ask($server, 'GET', '/account?tab=1'), 'Location'));
        self::assertSame(['/account?tab=1'], self::values(self::ask($server, 'POST', '/login?next=%2Faccount%3Ftab%3D1'), 'Location'));
        self::assertSame(['/'], self::values(self::ask($server, 'POST', '/login?next=https://evil.example/'), 'Location'));
        self::assertSame('The page.', self::ask($server, 'GET', '/')[2]);
    }

    public function testBehindAProxy(): void
    {
        $room = self::room();
        file_put_contents("$room/behind.php", self::block('<?php // behind.php'));
        $server = self::php("$room/behind.php", [], ['include_path' => realpath(self::REPOSITORY . '/client/php')]);
        preg_match('/cookie of an https page:\n\n```text\n(.*?)\n```/s', file_get_contents(self::REPOSITORY . '/client/php/README.md'), $printed);
        self::assertSame([$printed[1]], self::values(self::ask($server, 'POST', '/orders'), 'Set-Cookie'));
        self::assertSame('ok', self::ask($server, 'GET', '/healthz', ['Host' => '10.0.0.7'])[2]);
    }

    public function testSymfony(): void
    {
        require_once 'Symfony/Bundle/FrameworkBundle/autoload.php';
        eval(self::block('// src/Controller/OrderController.php'));
        $builder = new \Symfony\Component\DependencyInjection\ContainerBuilder();
        $instances = [];
        $loader = new \Symfony\Component\DependencyInjection\Loader\PhpFileLoader($builder, new \Symfony\Component\Config\FileLocator());
        $configure = eval(str_replace(self::SHOWN, "'" . self::$real . "'", self::block('// config/services.php')));
        $configure(new \Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator($builder, $loader, $instances, __DIR__, __FILE__));
        unset($configure);
        $builder->addCompilerPass(new \Symfony\Component\EventDispatcher\DependencyInjection\RegisterListenersPass());
        $builder->register('event_dispatcher', \Symfony\Component\EventDispatcher\EventDispatcher::class)->setPublic(true);
        $builder->registerForAutoconfiguration(\Symfony\Component\EventDispatcher\EventSubscriberInterface::class)->addTag('kernel.event_subscriber');
        $builder->register(\OrderController::class, \OrderController::class)->setAutowired(true)->setPublic(true);
        $builder->compile();
        self::assertTrue($builder->get('event_dispatcher')->hasListeners('kernel.request'));
        $response = $builder->get(\OrderController::class)->place(\Symfony\Component\HttpFoundation\Request::create('https://shop.example.com/orders', 'POST'));
        self::assertSame([303, '/orders/7829/confirmation'], [$response->getStatusCode(), $response->headers->get('Location')]);
        $asked = \Symfony\Component\HttpFoundation\Request::create('/', 'GET', [], [], [], ['HTTP_COOKIE' => 'flash=a%3Cb']);
        self::assertSame('a&lt;b', $builder->get(\OrderController::class)->confirmation($asked)->getContent());
    }

    public function testLaravel(): void
    {
        eval(self::block('// app/Providers/AppServiceProvider.php'));
        eval(self::block('// app/Http/Controllers/OrderController.php'));
        $app = new \Illuminate\Foundation\Application(self::room());
        $app->register(new \AppServiceProvider($app));
        $request = \Illuminate\Http\Request::create('https://shop.example.com/orders', 'POST');
        $response = $app->call(\PlaceOrder::class . '@__invoke', ['request' => $request]);
        self::assertSame([303, '/orders/7829/confirmation'], [$response->getStatusCode(), $response->headers->get('Location')]);
    }
}
