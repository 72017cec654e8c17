<?php

declare(strict_types=1);

namespace Tests;

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/load.php';

/** Servers of a test, and requests to them, octet by octet. */
abstract class Support extends TestCase
{
    /** Milliseconds. Long, because the machine may be busy. */
    public const PATIENT = 20_000;
    /** Port 1 is reserved (tcpmux), and nobody listens there. */
    public const NOBODY = 'http://127.0.0.1:1';
    public const REPOSITORY = __DIR__ . '/../../..';

    /** @var list<resource> */
    private static array $processes = [];

    public static function tearDownAfterClass(): void
    {
        foreach (self::$processes as $process) {
            proc_terminate($process, 9);
            proc_close($process);
        }
        self::$processes = [];
    }

    /** The first line of a program that matches. */
    protected static function started(array $command, string $pattern, array $environment = []): string
    {
        $log = tempnam(sys_get_temp_dir(), 'fingerpost-');
        $process = proc_open($command, [1 => ['file', $log, 'a'], 2 => ['file', $log, 'a']], $pipes, self::REPOSITORY, $environment + getenv());
        self::$processes[] = $process;
        for ($until = hrtime(true) + self::PATIENT * 1_000_000; hrtime(true) < $until && proc_get_status($process)['running']; usleep(5_000)) {
            if (preg_match($pattern, file_get_contents($log), $found)) {
                return $found[1];
            }
        }
        throw new \RuntimeException(implode(' ', $command) . ' did not start: ' . file_get_contents($log));
    }

    /** A real service; its HTTP/JSON address. */
    protected static function service(string ...$flags): string
    {
        $binary = (getenv('FINGERPOST_BIN') ?: self::REPOSITORY . '/build/bin') . '/fingerpostd';
        return 'http://' . self::started([$binary, '--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0', ...$flags], '~HTTP/JSON on (?:http://)?([0-9.:]+)~');
    }

    /** A real service with a policy of the test's own. */
    protected static function under(array $policy): string
    {
        $file = self::room() . '/policy.json';
        file_put_contents($file, json_encode($policy));
        return self::service('--policy', $file);
    }

    /** PHP's own server, with one program; its address. */
    protected static function php(string $program, array $environment = [], array $settings = []): string
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($probe, false);
        fclose($probe);
        $options = array_merge(...array_map(fn ($name, $value) => ['-d', "$name=$value"], array_keys($settings), $settings));
        self::started([PHP_BINARY, '-d', 'expose_php=0', '-d', 'display_errors=0', ...$options, '-S', $address, $program], '~Development Server \((http://[^)]+)\) started~', $environment);
        return "http://$address";
    }

    /** A service that gives these answers, the last one again and again. Returns its address and its room. */
    protected static function scripted(array ...$answers): array
    {
        $room = self::room();
        file_put_contents("$room/answers", implode("\n", array_map(json_encode(...), $answers)));
        return [self::php(__DIR__ . '/service.php', ['ROOM' => $room]), $room];
    }

    /** The questions that a scripted service got. */
    protected static function questions(string $room): array
    {
        return is_file("$room/questions") ? array_map(fn ($line) => json_decode($line, true), file("$room/questions")) : [];
    }

    protected static function room(): string
    {
        $room = sys_get_temp_dir() . '/fingerpost-' . bin2hex(random_bytes(8));
        mkdir($room, 0700);
        register_shutdown_function(function () use ($room): void {
            array_map(unlink(...), glob("$room/*"));
            @rmdir($room);
        });
        return $room;
    }

    /** One request with its own Host: status, field lines, content. */
    protected static function ask(string $server, string $method, string $target, array $fields = [], string $content = ''): array
    {
        $socket = stream_socket_client(str_replace('http://', 'tcp://', $server));
        $fields += ['Host' => 'shop.example.com', 'Connection' => 'close'] + ($content === '' ? [] : ['Content-Length' => strlen($content)]);
        $lines = array_map(fn ($name, $value) => "$name: $value\r\n", array_keys($fields), $fields);
        fwrite($socket, "$method $target HTTP/1.1\r\n" . implode($lines) . "\r\n$content");
        [$head, $content] = explode("\r\n\r\n", stream_get_contents($socket), 2);
        $lines = explode("\r\n", $head);
        preg_match('~^HTTP/1\.\d (\d+)~', array_shift($lines), $status);
        return [(int) $status[1], array_map(fn ($line) => explode(': ', "$line ", 2), $lines), $content];
    }

    /** The values of a field. */
    protected static function values(array $answer, string $name): array
    {
        return array_values(array_map(fn ($line) => trim($line[1]), array_filter($answer[1], fn ($line) => strcasecmp($line[0], $name) === 0)));
    }
}
