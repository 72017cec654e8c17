<?php

// The right HTTP redirect, from a Fingerpost service over HTTP/JSON. What every package promises is in client/README.md; README.md says what differs here.
//
//     $fingerpost = new Fingerpost\Page(new Fingerpost\Client('http://127.0.0.1:8080'));
//     $fingerpost->redirect('form_result', '/orders/7829/confirmation', flash: 'Order placed');
//
// One file, and no dependency but curl. The parts for PSR-15, PSR-18, Symfony and Laravel exist where their interfaces do.

declare(strict_types=1);

namespace Fingerpost;

/** The purposes of an intent; intent.proto explains each. */
enum Purpose: string
{
    case FormResult = 'form_result';
    case ValidationFailed = 'validation_failed';
    case ResourceCreated = 'resource_created';
    case OperationAccepted = 'operation_accepted';
    case OperationResult = 'operation_result';
    case AuthorizationResponse = 'authorization_response';
    case LoginRequired = 'login_required';
    case TemporaryMove = 'temporary_move';
    case PermanentMove = 'permanent_move';
    case CanonicalUrl = 'canonical_url';
    case HttpsUpgrade = 'https_upgrade';
    case Reroute = 'reroute';
    case Campaign = 'campaign';
    case Describes = 'describes';
    case Choices = 'choices';
    case Gone = 'gone';
    case NotFound = 'not_found';
    case UnavailableForLegalReasons = 'unavailable_for_legal_reasons';
}

/** What to do (decide.proto). */
enum Outcome: string
{
    case Redirect = 'REDIRECT';
    case Respond = 'RESPOND';
    case Forward = 'FORWARD';
    case Pass = 'PASS';
    case Refuse = 'REFUSE';
}

/** Who gave the answer. There is no engine in PHP. */
enum Source: string
{
    case Service = 'SERVICE';
    case Fallback = 'FALLBACK';
}

/** What a client does if nobody answers: what is safe without an answer, or the error. */
enum OnError: string
{
    case Fallback = 'fallback';
    case Raise = 'raise';
}

/** One wrong field of a question. */
final class Violation
{
    /** @param string $field path from the request: `intent.target` */
    public function __construct(public readonly string $field, public readonly string $description)
    {
    }
}

/**
 * There is no answer. getCode() is the gRPC code's name: INVALID_ARGUMENT, UNAVAILABLE, …; MALFORMED if the answer failed the client's own checks,
 * BREAKER_OPEN if the service was not even asked.
 */
class FingerpostError extends \RuntimeException
{
    // Codes by which a healthy service says that the question or the caller is wrong.
    private const ANSWERS = ['INVALID_ARGUMENT', 'NOT_FOUND', 'UNIMPLEMENTED', 'PERMISSION_DENIED', 'UNAUTHENTICATED', 'FAILED_PRECONDITION', 'OUT_OF_RANGE'];

    /**
     * @param string $explanation the message without the code
     * @param string $reason the service's reason: INVALID_FIELDS
     * @param list<Violation> $violations every wrong field
     */
    public function __construct(string $code, public readonly string $explanation, public readonly string $reason = '', public readonly array $violations = [])
    {
        parent::__construct("$code: $explanation");
        $this->code = $code; // A name, as PDOException's.
    }

    /** The service said that the question is wrong: no fallback, and asking again would not help. */
    public function isAnswer(): bool
    {
        return in_array($this->code, self::ANSWERS, true) || $this->isTooLarge();
    }

    /** The question is larger than the service takes: 413. */
    public function isTooLarge(): bool
    {
        return $this->code === 'RESOURCE_EXHAUSTED' && str_contains($this->explanation, 'too large');
    }

    /** @internal */
    public static function malformed(string $what): self
    {
        return new self('MALFORMED', "the service's answer was not used: $what");
    }
}

/** The answer is not a response: REFUSE, PASS or FORWARD. */
final class NotSent extends FingerpostError
{
    public function __construct(public readonly Decision $decision)
    {
        parent::__construct($decision->outcome->value, $decision->message ?: $decision->reason, $decision->reason);
    }
}

/** An answer to Decide. If mustSend(), write status, headers and body unchanged; otherwise headers belong on the page: Vary, Cache-Control, Set-Cookie. */
final class Decision
{
    /**
     * @param list<array{string, string}> $headers names and values, in order
     * @param string $target absolute, if the request's URL is known
     * @param string $reason FORM_RESULT (ReasonCode in decide.proto)
     * @param list<string> $citations
     * @param list<string> $warnings
     * @param string $clearCookie the Set-Cookie line that removes the flash message
     * @param ?FingerpostError $error why the service did not answer, with Source::Fallback
     * @param array<string, mixed> $raw the DecideResponse
     */
    public function __construct(
        public readonly Outcome $outcome,
        public readonly int $status = 0,
        public readonly array $headers = [],
        public readonly string $body = '',
        public readonly string $target = '',
        public readonly string $reason = '',
        public readonly string $message = '',
        public readonly array $citations = [],
        public readonly array $warnings = [],
        public readonly string $clearCookie = '',
        public readonly string $rule = '',
        public readonly string $policyVersion = '',
        public readonly Source $source = Source::Service,
        public readonly ?FingerpostError $error = null,
        public readonly array $raw = [],
    ) {
    }

    /** status, headers and body are the response. */
    public function mustSend(): bool
    {
        return $this->outcome === Outcome::Redirect || $this->outcome === Outcome::Respond;
    }

    /** The first field of that name. */
    public function header(string $name): ?string
    {
        foreach ($this->headers as [$key, $value]) {
            if (strcasecmp($key, $name) === 0) {
                return $value;
            }
        }
        return null;
    }

    /** @internal Checks an answer (client/README.md, 5) and types it. */
    public static function of(array $answer): self
    {
        $read = new Reader($answer);
        // An unknown outcome, from a newer service, is PASS; a newer enum's value may be a number.
        $outcome = Outcome::tryFrom($read->name('outcome', 'OUTCOME_')) ?? Outcome::Pass;
        $headers = $read->fields('headers');
        $status = $read->int('status');
        if (Check::hasControl($read->text('target') . $read->text('clear_cookie'))) {
            throw FingerpostError::malformed('target or clear_cookie has a control character');
        }
        if ($outcome === Outcome::Redirect || $outcome === Outcome::Respond) {
            Check::response($outcome, $status, $headers);
        } elseif ($status !== 0 || array_diff(array_map(strtolower(...), array_column($headers, 0)), Check::OF_A_PAGE)) {
            throw FingerpostError::malformed("{$outcome->value} with a status or the fields of a response");
        }
        $reason = $read->object('reason');
        return new self(
            $outcome,
            $status,
            $headers,
            $read->text('body'),
            $read->text('target'),
            $reason->name('code', 'REASON_CODE_'),
            $reason->text('message'),
            $reason->texts('citations'),
            array_map(fn (Reader $warning) => $warning->text('message'), $read->objects('warnings')),
            $read->text('clear_cookie'),
            $read->text('rule'),
            $read->text('policy_version'),
            raw: $answer,
        );
    }
}

/** An answer to Follow: `next` is the request to send, or `stop` says why there is none. */
final class Hop
{
    /**
     * @param ?array{method: string, url: string, headers: list<array{string, string}>} $next with the secrets' values put back
     * @param string $stop LOOP (StopReason in follow.proto); empty with `next`
     * @param bool $failed on a stop: the chain ended in an error, rather than with a response that is the result
     * @param bool $dropsBody the content is not sent again
     * @param array<string, mixed> $chain for the next question
     * @param float $wait seconds that the response asks to wait (Retry-After)
     * @param array<string, mixed> $raw the FollowResponse, with the secrets' values put back
     */
    public function __construct(
        public readonly ?array $next,
        public readonly string $stop = '',
        public readonly string $message = '',
        public readonly bool $failed = false,
        public readonly bool $dropsBody = false,
        public readonly array $chain = [],
        public readonly float $wait = 0.0,
        public readonly Source $source = Source::Service,
        public readonly ?FingerpostError $error = null,
        public readonly array $raw = [],
    ) {
    }

    /** @internal Checks an answer and types it. */
    public static function of(array $answer): self
    {
        $read = new Reader($answer);
        $changes = $read->objects('changes');
        $dropsBody = in_array('CHANGE_KIND_BODY_DROPPED', array_map(fn (Reader $change) => $change->name('kind'), $changes), true);
        $wait = (float) rtrim($read->text('wait'), 's');
        $chain = $read->object('chain')->all;
        if (!isset($answer['next'])) {
            $stop = $read->object('stop');
            $failed = ($stop->all['error'] ?? !isset($answer['stop'])) !== false;
            return new self(null, $stop->name('reason', 'STOP_REASON_') ?: 'UNKNOWN', $stop->text('message'), $failed, $dropsBody, $chain, $wait, raw: $answer);
        }
        foreach ($changes as $change) {
            $change->field('field');
        }
        $next = $read->object('next');
        if (!preg_match('~^https?://[^\x00-\x20\x7f]+$~D', $next->text('url'))) {
            throw FingerpostError::malformed('the next URL is not an http or https URL');
        }
        if (!Check::isToken($next->text('method'))) {
            throw FingerpostError::malformed('the next method is not a token');
        }
        $request = ['method' => $next->text('method'), 'url' => $next->text('url'), 'headers' => $next->fields('headers')];
        return new self($request, dropsBody: $dropsBody, chain: $chain, wait: $wait, raw: $answer);
    }
}

/** @internal Members of an answer, each of its type or MALFORMED. */
final class Reader
{
    public function __construct(public readonly array $all)
    {
    }

    public function text(string $name): string
    {
        return is_string($value = $this->all[$name] ?? '') ? $value : throw FingerpostError::malformed("$name is no text");
    }

    public function int(string $name): int
    {
        return is_int($value = $this->all[$name] ?? 0) ? $value : throw FingerpostError::malformed("$name is no number");
    }

    /** An enum's value, without its prefix. */
    public function name(string $name, string $prefix = ''): string
    {
        $value = $this->all[$name] ?? '';
        return is_int($value) ? (string) $value : substr($this->text($name), str_starts_with($this->text($name), $prefix) ? strlen($prefix) : 0);
    }

    public function object(string $name): self
    {
        return is_array($value = $this->all[$name] ?? []) ? new self($value) : throw FingerpostError::malformed("$name is no object");
    }

    /** @return list<Reader> */
    public function objects(string $name): array
    {
        $list = $this->object($name)->all;
        return array_map(fn ($item) => is_array($item) ? new self($item) : throw FingerpostError::malformed("$name is no list of objects"), array_values($list));
    }

    /** @return list<string> */
    public function texts(string $name): array
    {
        $list = $this->object($name)->all;
        return array_map(fn ($item) => is_string($item) ? $item : throw FingerpostError::malformed("$name is no list of texts"), array_values($list));
    }

    /** @return array{string, string} a field that cannot split a response */
    public function line(): array
    {
        $name = $this->text('name');
        $value = isset($this->all['raw_value']) ? base64_decode(strtr($this->text('raw_value'), '-_', '+/'), true) : $this->text('value');
        if (!Check::isToken($name)) {
            throw FingerpostError::malformed('a field name is not a token');
        }
        if ($value === false || Check::hasControl($value)) {
            throw FingerpostError::malformed("the value of $name has a control character");
        }
        return [$name, $value];
    }

    public function field(string $name): void
    {
        if (isset($this->all[$name])) {
            $this->object($name)->line();
        }
    }

    /** @return list<array{string, string}> */
    public function fields(string $name): array
    {
        return array_map(fn (Reader $line) => $line->line(), $this->objects($name));
    }
}

/** @internal What an answer must be before it becomes a header. */
final class Check
{
    // What an answer that is no response may add to the page.
    public const OF_A_PAGE = ['vary', 'cache-control', 'set-cookie'];

    public static function isToken(string $text): bool
    {
        return preg_match('/^[!#$%&\'*+\-.^_`|~0-9A-Za-z]+$/D', $text) === 1;
    }

    public static function hasControl(string $text): bool
    {
        return preg_match('/[\x00-\x08\x0a-\x1f\x7f]/', $text) === 1;
    }

    /** @param list<array{string, string}> $headers */
    public static function response(Outcome $outcome, int $status, array $headers): void
    {
        $redirect = $status >= 300 && $status <= 399;
        if ($redirect !== ($outcome === Outcome::Redirect) || $status < 200 || $status > 599) {
            throw FingerpostError::malformed("{$outcome->value} with status $status");
        }
        $locations = array_filter($headers, fn (array $line) => strcasecmp($line[0], 'Location') === 0);
        if (in_array('', array_column($locations, 1), true)) {
            throw FingerpostError::malformed('an empty Location');
        }
        if (count($locations) > 1 || ($redirect && $status !== 300 && !$locations)) {
            throw FingerpostError::malformed(count($locations) . ' Location fields');
        }
    }
}

/** @internal Secrets stay where they are (client/README.md, 6): the service sees that a field exists, but never its value. */
final class Secrets
{
    // RFC 9110 §11.6.2 and §11.7.2.
    private const ALWAYS = ['authorization', 'proxy-authorization', 'cookie'];
    // Everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4).
    private const USERINFO = '~^([^:/\\\\?#]*:[/\\\\]*)([^/\\\\?#]+)@~';
    // The authority ends where a URL parser ends it. A host with characters that parsers read differently has no origin.
    private const AUTHORITY = '~^(https?)://(?:[^/?#\\\\]*@)?(\[[0-9a-f:.]+\]|[^\x00-\x20/?#\\\\@:\[\]<>^|%\x7f]+)(?::([0-9]{0,5}))?(?=[/?#]|\z)~i';

    /** @return list<string> the fields that do not leave their origin, in lower case */
    public static function names(array $options): array
    {
        $declared = is_array($options['secret_fields'] ?? null) ? array_filter($options['secret_fields'], is_string(...)) : [];
        return [...self::ALWAYS, ...array_map(strtolower(...), $declared)];
    }

    /** The question as it travels. */
    public static function withheld(array $question): array
    {
        $options = $question['options'] ?? [];
        $secret = self::names($options);
        $setsCookie = in_array('set-cookie', array_map(self::nameOf(...), $question['response']['headers'] ?? []), true);
        // The service needs Cookie's value only to join it with the cookies that it keeps.
        if (($setsCookie || !empty($question['chain']['cookies'])) && !in_array('cookie', array_slice($secret, count(self::ALWAYS)), true)) {
            $secret = array_diff($secret, ['cookie']);
        }
        if (is_string($question['request']['url'] ?? null)) {
            $question['request']['url'] = preg_replace(self::USERINFO, '$1-@', $question['request']['url']);
        }
        foreach ($question['request']['headers'] ?? [] as $index => $line) {
            if (in_array(self::nameOf($line), $secret, true)) {
                $question['request']['headers'][$index] = ['name' => $line['name']];
            }
        }
        return $question;
    }

    /**
     * The answer whose next request has the values that the fields had, as the changes say, and in place of the Authorization that a profile makes of the
     * URL's userinfo its value, on the same origin. Throws for changes of fields that do not exist, and for an answer that would take a secret to another
     * origin.
     */
    public static function putBack(array $question, array $answer): array
    {
        $before = $question['request']['headers'] ?? [];
        $url = $question['request']['url'] ?? '';
        $next = $answer['next']['url'] ?? null;
        $basic = is_string($next) && self::sameOrigin($url, $next) ? self::basic($url) : null;
        $gone = [];
        $addsBasic = false;
        foreach ((new Reader($answer))->objects('changes') as $at => $change) {
            $kind = $change->name('kind', 'CHANGE_KIND_');
            $field = $change->object('field')->all;
            if ($kind === 'FIELD_ADDED' && $basic !== null && self::isWithheldBasic($field)) {
                $answer['changes'][$at]['field']['value'] = $basic;
                $addsBasic = true;
            }
            if ($kind !== 'FIELD_DROPPED' && $kind !== 'FIELD_REWRITTEN') {
                continue;
            }
            if (!isset($before[$change->int('index')])) {
                throw FingerpostError::malformed('a change of a field that does not exist');
            }
            if ($kind === 'FIELD_DROPPED' || !self::isWithheld($field)) {
                $gone[$change->int('index')] = true;
            }
        }
        if (!is_string($next)) {
            return $answer;
        }
        $kept = array_diff_key($before, $gone);
        self::staysHere($question, $next, $kept);
        foreach ($answer['next']['headers'] ?? [] as $at => $line) {
            if (!is_array($line) || !self::isWithheld($line)) {
                continue;
            }
            $name = self::nameOf($line);
            $same = array_key_first(array_filter($kept, fn (array $one) => self::nameOf($one) === $name));
            if ($same !== null) {
                $answer['next']['headers'][$at] = ['name' => $line['name']] + array_intersect_key($kept[$same], ['value' => 1, 'raw_value' => 1]);
                unset($kept[$same]);
            } elseif ($addsBasic && $name === 'authorization') {
                $answer['next']['headers'][$at]['value'] = $basic;
            }
        }
        return $answer;
    }

    /** Applying the changes must not send a secret to another origin. A caller that names another profile wants to learn what that client would do. */
    private static function staysHere(array $question, string $next, array $kept): void
    {
        $options = $question['options'] ?? [];
        $profile = preg_replace('/^PROFILE_/', '', strtoupper((string) ($options['profile'] ?? '')));
        $ours = in_array($profile, ['', '0', '1', 'UNSPECIFIED', 'STRICT'], true);
        if (!$ours || self::sameOrigin($question['request']['url'] ?? '', $next, $options['trusted_origins'] ?? [])) {
            return;
        }
        $leaving = array_intersect(self::names($options), array_map(self::nameOf(...), $kept));
        if ($leaving) {
            throw FingerpostError::malformed(implode(', ', $leaving) . ' would leave the origin');
        }
    }

    /** Whether a secret of $url's origin may go to $other: it is the same origin, or both are $trusted. Nobody else decides this. */
    public static function sameOrigin(string $url, string $other, array $trusted = []): bool
    {
        [$one, $two] = [self::origin($url), self::origin($other)];
        $among = array_map(self::origin(...), array_filter($trusted, is_string(...)));
        return $one !== null && $two !== null && ($one === $two || (in_array($one, $among, true) && in_array($two, $among, true)));
    }

    /** Scheme, host and effective port of an http or https URL, in one spelling; null if it cannot be told. */
    private static function origin(string $url): ?string
    {
        if (!preg_match(self::AUTHORITY, $url, $parts) || ($host = self::host(strtolower($parts[2]))) === null) {
            return null;
        }
        $scheme = strtolower($parts[1]);
        $port = ($parts[3] ?? '') !== '' ? (int) $parts[3] : ['http' => 80, 'https' => 443][$scheme];
        return "$scheme $host $port";
    }

    /** An address, or a domain in its ASCII form (URL Standard, "host parsing"). */
    private static function host(string $host): ?string
    {
        if ($host[0] === '[') {
            return ($octets = @inet_pton(substr($host, 1, -1))) === false ? null : bin2hex($octets);
        }
        if (preg_match('/[^\x00-\x7f]/', $host)) {
            $ascii = function_exists('idn_to_ascii') ? idn_to_ascii($host, IDNA_NONTRANSITIONAL_TO_ASCII) : false;
            return $ascii === false ? null : $ascii; // Without intl nobody can tell.
        }
        $labels = explode('.', str_ends_with($host, '.') && $host !== '.' ? substr($host, 0, -1) : $host);
        return preg_match('/^([0-9]+|0x[0-9a-f]*)$/D', end($labels)) ? self::address($labels) : $host;
    }

    /** The IPv4 address of "127.1" and "0x7f.1" (URL Standard, "IPv4 parser"). */
    private static function address(array $labels): ?string
    {
        $last = array_pop($labels);
        if (count($labels) > 3) {
            return null;
        }
        $sum = 0;
        foreach ([...$labels, $last] as $at => $label) {
            $isLast = $at === count($labels);
            $number = preg_match('/^0x[0-9a-f]{0,8}$|^0[0-7]{0,11}$|^[1-9][0-9]{0,9}$/D', $label) ? intval($label === '0x' ? '0' : $label, 0) : -1;
            $room = $isLast ? 256 ** (4 - count($labels)) : 256;
            if ($number < 0 || $number >= $room) {
                return null;
            }
            $sum += $isLast ? $number : $number * 256 ** (3 - $at);
        }
        return "IPv4 $sum";
    }

    /** The Basic credentials that a client makes of its URL's userinfo (RFC 7617); null without one. */
    private static function basic(string $url): ?string
    {
        if (!preg_match(self::USERINFO, $url, $parts)) {
            return null;
        }
        [$user, $password] = explode(':', $parts[2], 2) + [1 => ''];
        return 'Basic ' . base64_encode(rawurldecode($user) . ':' . rawurldecode($password));
    }

    private static function isWithheld(array $line): bool
    {
        return !isset($line['value']) && !isset($line['raw_value']);
    }

    // For userinfo that the service never saw, it adds a field without a value.
    private static function isWithheldBasic(array $line): bool
    {
        return self::isWithheld($line) && self::nameOf($line) === 'authorization';
    }

    private static function nameOf(mixed $line): string
    {
        return is_array($line) && is_string($line['name'] ?? null) ? strtolower($line['name']) : '';
    }
}

/** @internal What the calls of one address remember: in APCu, which all workers of a server share; without it, in this process. */
final class Memory
{
    /** @var array<string, int> */
    private array $own = [];
    private readonly bool $shared;

    public function __construct(private readonly string $prefix)
    {
        $this->shared = function_exists('apcu_enabled') && apcu_enabled();
    }

    public function get(string $key): int
    {
        return $this->shared ? (int) apcu_fetch($this->prefix . $key) : $this->own[$key] ?? 0;
    }

    public function set(string $key, int $value): void
    {
        $this->shared ? apcu_store($this->prefix . $key, $value) : $this->own[$key] = $value;
    }

    /** The value after adding one. */
    public function count(string $key): int
    {
        return $this->shared ? (int) apcu_inc($this->prefix . $key) : $this->own[$key] = $this->get($key) + 1;
    }

    /** Whether the value was $old and is $new now: of several workers, one succeeds. */
    public function swap(string $key, int $old, int $new): bool
    {
        if ($this->shared) {
            apcu_add($this->prefix . $key, 0);
            return apcu_cas($this->prefix . $key, $old, $new);
        }
        $this->own[$key] = $new;
        return true;
    }
}

/** @internal After 5 calls in a row without an answer it opens for one second, with up to a fifth of jitter. */
final class Breaker
{
    private const FAILURES = 5;
    private const MILLISECONDS = 1000;

    public function __construct(private readonly Memory $memory)
    {
    }

    public function allows(): bool
    {
        if ($this->memory->get('failures') < self::FAILURES) {
            return true;
        }
        $until = $this->memory->get('until');
        // One call is let through; the others wait for what becomes of it.
        return self::now() >= $until && $this->memory->swap('until', $until, self::later());
    }

    public function answered(): void
    {
        if ($this->memory->get('failures') > 0) {
            $this->memory->set('failures', 0);
        }
    }

    public function failed(): void
    {
        if ($this->memory->count('failures') >= self::FAILURES) {
            $this->memory->set('until', self::later());
        }
    }

    private static function later(): int
    {
        return self::now() + random_int(self::MILLISECONDS, self::MILLISECONDS * 6 / 5);
    }

    public static function now(): int
    {
        return intdiv(hrtime(true), 1_000_000);
    }
}

/** @internal How a fallback is heard: at most one log line in ten seconds, and the caller's hook for each. */
final class Heard
{
    private const MILLISECONDS = 10_000;

    public function __construct(private readonly Memory $memory, private readonly ?\Closure $hook, private readonly ?\Psr\Log\LoggerInterface $logger)
    {
    }

    public function fellBack(FingerpostError $error): void
    {
        $many = $this->memory->count('fallbacks');
        $this->sparingly('next', function () use ($error, $many): void {
            $this->memory->set('fallbacks', 0);
            $this->warn("Fingerpost did not answer ({$error->getMessage()}); fallbacks since the last such line: $many");
        });
        try {
            ($this->hook ?? fn () => null)($error);
        } catch (\Throwable $thrown) { // Counting must not fail the request.
            $this->warn("on_fallback failed: {$thrown->getMessage()}");
        }
    }

    public function sparingly(string $what, \Closure $do): void
    {
        $next = $this->memory->get($what);
        if (Breaker::now() >= $next && $this->memory->swap($what, $next, Breaker::now() + self::MILLISECONDS)) {
            $do();
        }
    }

    public function warn(string $line): void
    {
        // A line of a log is one line, whatever a visitor wrote.
        $line = preg_replace_callback('/[\x00-\x1f\x7f]/', fn (array $found) => sprintf('\\x%02x', ord($found[0])), $line);
        $this->logger ? $this->logger->warning($line) : error_log("fingerpost: $line");
    }
}

/**
 * Asks a Fingerpost service: `fingerpostd --http-listen`. One connection for each client and process, kept while the process lives.
 *
 * `(new Client('http://127.0.0.1:8080'))->decide(['request' => …, 'intent' => …])`
 */
final class Client
{
    /** Milliseconds, over all attempts and the connection. */
    public const DECIDE_TIMEOUT_MS = 100;
    public const FOLLOW_TIMEOUT_MS = 250;
    // 24 days: other languages' clocks count no further.
    private const LONGEST_TIMEOUT_MS = 24 * 24 * 3_600_000;
    // Octets. gRPC's own limit.
    private const LARGEST_ANSWER = 4 * 1024 * 1024;
    // What a proxy's status without an error in JSON means (gRPC, "HTTP to gRPC status code mapping").
    private const CODES = [401 => 'UNAUTHENTICATED', 403 => 'PERMISSION_DENIED', 404 => 'UNIMPLEMENTED', 429 => 'UNAVAILABLE', 502 => 'UNAVAILABLE',
        503 => 'UNAVAILABLE', 504 => 'UNAVAILABLE'];
    // curl's errors before a question arrived anywhere, or when the connection broke.
    private const BROKEN = [CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR];

    /** @var list<\CurlHandle> A parent's connections, which a child must neither use nor end. */
    private static array $parents = [];

    public readonly Heard $heard;
    private readonly Breaker $breaker;
    private readonly OnError $onError;
    private ?\CurlHandle $curl = null;
    private int $process = 0;
    private bool $closed = false;
    private string $content = '';

    /**
     * @param string $address `http://127.0.0.1:8080` or `https://…`: the scheme is the choice of TLS
     * @param OnError|string $onError `fallback`: what is safe without an answer; `raise`: the error
     * @param ?int $timeoutMs for every question; default: 100 for Decide, 250 for Follow
     * @param ?\Closure $onFallback called with the FingerpostError of each fallback, for counting
     * @param ?\Psr\Log\LoggerInterface $logger default: error_log()
     * @param ?string $ca file with the roots to trust; default: curl's own
     * @param ?string $certificate file with the client's certificate, if the service asks for one
     * @param ?string $key file with its key
     */
    public function __construct(
        private readonly string $address,
        OnError|string $onError = OnError::Fallback,
        private readonly ?int $timeoutMs = null,
        ?\Closure $onFallback = null,
        ?\Psr\Log\LoggerInterface $logger = null,
        private readonly ?string $ca = null,
        private readonly ?string $certificate = null,
        private readonly ?string $key = null,
    ) {
        if (!preg_match('~^https?://[^/?#@\s]+/?$~iD', $address)) {
            throw new \ValueError('address: expected http://HOST:PORT or https://HOST:PORT');
        }
        $this->onError = is_string($onError) ? OnError::from($onError) : $onError;
        self::checked($timeoutMs ?? self::DECIDE_TIMEOUT_MS);
        $memory = new Memory("fingerpost:$address:");
        $this->breaker = new Breaker($memory);
        $this->heard = new Heard($memory, $onFallback, $logger);
    }

    /** What to send. $question is a DecideRequest in JSON form. Throws FingerpostError. */
    public function decide(array $question, ?int $timeoutMs = null): Decision
    {
        try {
            return Decision::of($this->ask('decide', $question, $timeoutMs ?? $this->timeoutMs ?? self::DECIDE_TIMEOUT_MS));
        } catch (FingerpostError $error) {
            // Without an engine, nobody can answer an intent that is spelled out.
            $this->mayFallBack($error, !isset($question['intent']));
            return new Decision(Outcome::Pass, source: Source::Fallback, error: $error);
        }
    }

    /** What to request next. $question is a FollowRequest in JSON form. Secrets stay here. Throws FingerpostError. */
    public function follow(array $question, ?int $timeoutMs = null): Hop
    {
        foreach (['request', 'response', 'chain', 'options'] as $name) {
            if (isset($question[$name]) && $question[$name] instanceof \stdClass) {
                $question[$name] = (array) $question[$name];
            }
        }
        try {
            $answer = $this->ask('follow', Secrets::withheld($question), $timeoutMs ?? $this->timeoutMs ?? self::FOLLOW_TIMEOUT_MS);
            return Hop::of(Secrets::putBack($question, $answer));
        } catch (FingerpostError $error) {
            $this->mayFallBack($error, true);
            $chain = $question['chain'] ?? [];
            return new Hop(null, 'SERVICE_UNAVAILABLE', $error->explanation, true, chain: $chain, source: Source::Fallback, error: $error);
        }
    }

    /** Whether the service can be asked: connects, TLS included, for $timeoutMs at most. It is asked nothing. */
    public function ready(int $timeoutMs = 10_000): bool
    {
        $until = Breaker::now() + self::checked($timeoutMs);
        do {
            $curl = $this->made();
            curl_setopt_array($curl, [CURLOPT_URL => $this->address, CURLOPT_CONNECT_ONLY => true, CURLOPT_TIMEOUT_MS => max(1, $until - Breaker::now())]);
            if (curl_exec($curl) !== false) {
                return true;
            }
            usleep(20_000);
        } while (Breaker::now() < $until);
        return false;
    }

    /** Ends the connection. A second time is no error. */
    public function close(): void
    {
        $this->closed = true;
        $this->curl = null;
    }

    private function mayFallBack(FingerpostError $error, bool $hasFallback): void
    {
        if ($error->isAnswer() || $this->onError === OnError::Raise || !$hasFallback) {
            throw $error;
        }
        $this->heard->fellBack($error);
    }

    private function ask(string $method, array $question, int $timeoutMs): array
    {
        self::checked($timeoutMs);
        if ($this->closed) {
            throw new \LogicException('the client is closed');
        }
        $json = Json::of($question);
        if (!$this->breaker->allows()) {
            throw new FingerpostError('BREAKER_OPEN', 'the service has not answered lately; it is asked again within a second');
        }
        try {
            $answer = $this->asked($method, $json, $timeoutMs);
        } catch (FingerpostError $error) {
            $error->isAnswer() || $error->getCode() === 'MALFORMED' ? $this->breaker->answered() : $this->breaker->failed();
            throw $error;
        }
        $this->breaker->answered();
        return $answer;
    }

    /** One retry, on UNAVAILABLE only, within the deadline: the questions are pure. */
    private function asked(string $method, string $json, int $timeoutMs): array
    {
        $until = Breaker::now() + $timeoutMs;
        try {
            return $this->sent($method, $json, $timeoutMs);
        } catch (FingerpostError $error) {
            $left = $until - Breaker::now();
            if ($error->getCode() !== 'UNAVAILABLE' || $left <= 0) {
                throw $error;
            }
            return $this->sent($method, $json, $left);
        }
    }

    private function sent(string $method, string $json, int $timeoutMs): array
    {
        $curl = $this->connection();
        $this->content = '';
        curl_setopt_array($curl, [CURLOPT_URL => rtrim($this->address, '/') . "/v1/$method", CURLOPT_POSTFIELDS => $json, CURLOPT_TIMEOUT_MS => max(1, $timeoutMs)]);
        curl_exec($curl);
        $why = curl_errno($curl);
        if (strlen($this->content) > self::LARGEST_ANSWER) {
            throw FingerpostError::malformed('it is larger than 4 MiB');
        }
        if ($why === CURLE_OPERATION_TIMEDOUT) {
            throw new FingerpostError('DEADLINE_EXCEEDED', "no answer in $timeoutMs ms");
        }
        if (in_array($why, self::BROKEN, true)) {
            throw new FingerpostError('UNAVAILABLE', curl_error($curl));
        }
        if ($why !== CURLE_OK) { // TLS above all.
            throw new FingerpostError(in_array($why, [CURLE_SSL_CONNECT_ERROR, CURLE_SSL_PEER_CERTIFICATE, CURLE_SSL_CACERT_BADFILE ?? 77], true) ? 'UNAVAILABLE' : 'UNKNOWN', curl_error($curl));
        }
        $answer = json_decode($this->content, true, 64);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($status !== 200) {
            throw self::error($status, is_array($answer) ? $answer : []);
        }
        // As an array, {} and [] are the same.
        return is_array($answer) && str_starts_with(ltrim($this->content), '{') ? $answer : throw FingerpostError::malformed('it is no JSON object');
    }

    private static function error(int $status, array $answer): FingerpostError
    {
        $read = (new Reader($answer))->object('error');
        $code = $read->text('code');
        if (!preg_match('/^[A-Z_]{1,32}$/D', $code) || $code === 'OK') {
            return new FingerpostError(self::CODES[$status] ?? 'UNKNOWN', "HTTP status $status");
        }
        $violations = array_map(fn (Reader $one) => new Violation($one->text('field'), $one->text('description')), $read->objects('violations'));
        return new FingerpostError($code, $read->text('message'), $read->name('reason', 'ERROR_REASON_'), $violations);
    }

    /** One handle in each process, made on first use: a child of a fork makes its own. */
    private function connection(): \CurlHandle
    {
        if ($this->curl !== null && $this->process === getmypid()) {
            return $this->curl;
        }
        if ($this->curl !== null) {
            self::$parents[] = $this->curl;
        }
        $this->process = (int) getmypid();
        return $this->curl = $this->made();
    }

    private function made(): \CurlHandle
    {
        $curl = curl_init();
        curl_setopt_array($curl, array_filter([
            CURLOPT_CAINFO => $this->ca,
            CURLOPT_SSLCERT => $this->certificate,
            CURLOPT_SSLKEY => $this->key,
        ]) + [
            CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'Accept: application/json', 'Expect:'],
            CURLOPT_USERAGENT => 'fingerpost-php',
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROXY => '', // A visitor's Proxy field is HTTP_PROXY to a CGI program.
            CURLOPT_NOSIGNAL => true, // Deadlines below a second.
            CURLOPT_WRITEFUNCTION => function ($_, string $part): int {
                $this->content .= $part;
                return strlen($this->content) > self::LARGEST_ANSWER ? 0 : strlen($part);
            },
        ]);
        return $curl;
    }

    private static function checked(int $timeoutMs): int
    {
        return $timeoutMs > 0 && $timeoutMs <= self::LONGEST_TIMEOUT_MS ? $timeoutMs : throw new \ValueError('timeoutMs: expected 1 to ' . self::LONGEST_TIMEOUT_MS);
    }
}

/** @internal A question as JSON. */
final class Json
{
    // PHP does not tell an empty message, or map, from an empty list.
    private const MESSAGES = ['request' => 1, 'response' => 1, 'chain' => 1, 'options' => 1, 'intent' => 1, 'parameters' => 1];

    public static function of(array $question): string
    {
        self::mustBeUnicode($question, '', $wrong);
        if ($wrong) {
            throw new FingerpostError('INVALID_ARGUMENT', "{$wrong[0]->field}: {$wrong[0]->description}", 'INVALID_FIELDS', $wrong);
        }
        foreach (array_intersect_key($question, self::MESSAGES) as $name => $message) {
            $question[$name] = is_array($message) ? (object) $message : $message;
        }
        return json_encode((object) $question, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION);
    }

    /** A field line, whatever its octets are. */
    public static function line(string $name, string $value): array
    {
        return ['name' => $name] + (self::isUnicode($value) ? ['value' => $value] : ['raw_value' => base64_encode($value)]);
    }

    /** @param ?list<Violation> $wrong */
    private static function mustBeUnicode(mixed $value, string $path, ?array &$wrong): void
    {
        if (is_string($value) && !self::isUnicode($value)) {
            $wrong[] = new Violation($path, 'expected text in UTF-8');
        }
        foreach (is_array($value) || $value instanceof \stdClass ? (array) $value : [] as $key => $item) {
            self::mustBeUnicode($item, is_int($key) && is_array($value) && array_is_list($value) ? "{$path}[$key]" : ltrim("$path.$key", '.'), $wrong);
        }
    }

    private static function isUnicode(string $text): bool
    {
        return preg_match('//u', $text) === 1;
    }
}

/** A visitor's request, as a helper asks about it. */
final class Request
{
    /** @param list<array{string, string}> $fields */
    public function __construct(public readonly string $method, public readonly string $url, public readonly array $fields, public readonly string $protocol = '')
    {
    }

    /** @param ?string $origin `https://shop.example.com`, behind a proxy that ends TLS; default: what this server was asked */
    public static function fromGlobals(?string $origin = null): self
    {
        $fields = [];
        foreach ($_SERVER as $name => $value) {
            if (is_string($name) && is_string($value) && preg_match('/^HTTP_(.+)|^(CONTENT_TYPE)$/Ds', $name, $parts)) {
                $fields[] = [ucwords(strtolower(strtr(end($parts), '_', '-')), '-'), $value];
            }
        }
        $scheme = in_array(strtolower($_SERVER['HTTPS'] ?? ''), ['', 'off'], true) ? 'http' : 'https';
        $origin ??= isset($_SERVER['HTTP_HOST']) ? "$scheme://{$_SERVER['HTTP_HOST']}" : '';
        return new self($_SERVER['REQUEST_METHOD'], self::url($origin, $_SERVER['REQUEST_URI']), $fields, $_SERVER['SERVER_PROTOCOL'] ?? '');
    }

    /** The URL of a PSR-7 request is the effective one; its path is taken as it was sent, if the server tells. */
    public static function fromPsr7(\Psr\Http\Message\ServerRequestInterface $request): self
    {
        $fields = [];
        foreach ($request->getHeaders() as $name => $values) {
            $fields[] = [(string) $name, implode(', ', $values)];
        }
        $uri = $request->getUri();
        [$path] = explode('?', self::path((string) ($request->getServerParams()['REQUEST_URI'] ?? '')), 2);
        $sent = rawurldecode($path) === rawurldecode($uri->getPath()) ? $path : $uri->getPath();
        $target = $sent . ($uri->getQuery() === '' ? '' : "?{$uri->getQuery()}");
        $authority = preg_replace('/^.*@/', '', $uri->getAuthority());
        // Guzzle's requests have this server's port where the visitor's Host has none.
        $asked = $request->getHeaderLine('Host');
        $authority = strcasecmp(preg_replace('/:\d*$/D', '', $asked), $uri->getHost()) === 0 ? $asked : $authority;
        $origin = $uri->getHost() === '' ? '' : "{$uri->getScheme()}://$authority";
        return new self($request->getMethod(), self::url($origin, $target), $fields, "HTTP/{$request->getProtocolVersion()}");
    }

    /** Symfony's trusted proxies choose the scheme and the host. Laravel's request is one of Symfony's. */
    public static function fromSymfony(\Symfony\Component\HttpFoundation\Request $request): self
    {
        $fields = [];
        foreach ($request->headers->all() as $name => $values) {
            $fields[] = [$name, implode(', ', $values)];
        }
        $origin = $request->headers->has('Host') ? $request->getSchemeAndHttpHost() : '';
        return new self($request->getRealMethod(), self::url($origin, (string) $request->server->get('REQUEST_URI', '/')), $fields, (string) $request->server->get('SERVER_PROTOCOL'));
    }

    public function field(string $name): ?string
    {
        foreach ($this->fields as [$key, $value]) {
            if (strcasecmp($key, $name) === 0) {
                return $value;
            }
        }
        return null;
    }

    // The path as sent. A host in the request's target never chooses the URL.
    private static function path(string $target): string
    {
        return preg_replace('~^https?://[^/?#]*~i', '', $target);
    }

    private static function url(string $origin, string $target): string
    {
        return preg_replace_callback('/[^!-~]/', fn (array $octet) => sprintf('%%%02X', ord($octet[0])), rtrim($origin, '/') . self::path($target));
    }
}

/** @internal What all helpers share: questions from requests, what errors mean to a visitor, and what an answer adds to a page. */
final class Web
{
    public const REFUSED = 'The request cannot be answered as it was sent.';
    public const UNAVAILABLE = 'The service is not available at the moment.';
    /** Seconds (client/README.md, "503, never 500"). */
    public const RETRY_AFTER = 5;
    // Enough for every rule of the core, nothing that identifies or authenticates a user.
    private const SENT_FIELDS = ['accept', 'access-control-request-method', 'content-type', 'hx-boosted', 'hx-history-restore-request', 'hx-request', 'origin',
        'sec-fetch-mode', 'turbo-frame', 'upgrade', 'x-inertia', 'x-requested-with'];
    // The parts of a question that hold a visitor's values; all others are the program's.
    private const VISITORS = '/^(?:request|parameters|intent\.(?:target|flash|response_parameters|sticky_key))(?:$|[.\[])/D';
    // Refusals that the program's own modifiers cause.
    private const OWN_FAULTS = ['PINNED_STATUS_CONTRADICTS', 'FLASH_ON_PERMANENT'];
    // A path with dot segments is below no other path, because it may lead elsewhere.
    private const DOTS = '~(?:^|[/\\\\])(?:\.|%2e){1,2}(?:[/\\\\]|$)~i';

    /**
     * @param list<string> $fields request fields that the policy's rules look at, besides those that are always sent
     * @param list<string> $exempt paths that the rules never see, with everything below them
     */
    public function __construct(public readonly Client $client, private readonly array $fields = [], private readonly array $exempt = [])
    {
    }

    /** The answer to an intent; throws FingerpostError, or NotSent. */
    public function redirect(Request $request, Purpose|string $purpose, string|\Stringable $target, array $modifiers): Decision
    {
        if (is_string($modifiers['flash'] ?? null)) {
            $modifiers['flash'] = ['text' => $modifiers['flash']];
        }
        $intent = ['purpose' => $purpose instanceof Purpose ? $purpose->value : $purpose] + ((string) $target === '' ? [] : ['target' => (string) $target]) + $modifiers;
        return $this->response(['request' => $this->asked($request), 'intent' => $intent]);
    }

    public function named(Request $request, string $name, array $parameters): Decision
    {
        return $this->response(['request' => $this->asked($request), 'intent_name' => $name] + ($parameters ? ['parameters' => $parameters] : []));
    }

    /** `form_result` to $next if that is safe, and to $or if it is unsafe, empty or missing. */
    public function back(Request $request, ?string $next, string $or): Decision
    {
        if (($next ?? '') !== '') {
            try {
                return $this->redirect($request, Purpose::FormResult, $next, ['unsafe_target' => 'fall_back', 'fallback_target' => $or]);
            } catch (FingerpostError $error) {
                if ($this->statusOf($error) !== 400) {
                    throw $error;
                }
            }
        }
        return $this->redirect($request, Purpose::FormResult, $or, []);
    }

    /** What the policy's rules say about the request: a response to send, or fields for the page; null: nothing. Throws if the client fails closed. */
    public function rules(Request $request): ?Decision
    {
        if (!$this->mayMatch($request)) {
            return null;
        }
        try {
            return $this->client->decide(['request' => $this->asked($request)]);
        } catch (FingerpostError $error) {
            return $error->getCode() === 'INVALID_ARGUMENT' ? null : throw $error;
        }
    }

    /** @return array{string, string} the flash message and the Set-Cookie line that clears it, or two empty texts. Anybody could have written it: escape it. */
    public static function flash(?string $cookie): array
    {
        foreach (['__Host-flash' => 'Secure; ', 'flash' => ''] as $name => $secure) {
            if (preg_match('/(?:^|;)[ \t]*' . $name . '=([^;]*)/', $cookie ?? '', $found)) {
                return [self::scrubbed(rawurldecode(trim($found[1]))), "$name=; Path=/; Max-Age=0; {$secure}HttpOnly; SameSite=Lax"];
            }
        }
        return ['', ''];
    }

    // Octets that are not UTF-8 become U+FFFD; without the mbstring extension.
    private static function scrubbed(string $text): string
    {
        return json_decode(json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
    }

    /** 400 for a visitor's unsafe or wrong value, 503 without an answer; the reason goes to the log. Throws the error again if the program is wrong. */
    public function statusOf(FingerpostError $error): int
    {
        $decision = $error instanceof NotSent ? $error->decision : null;
        $isUnsafe = $decision?->outcome === Outcome::Refuse && !in_array($decision->reason, self::OWN_FAULTS, true);
        // Only a visitor's values make a question too large.
        if ($isUnsafe || self::isOfTheVisitor($error) || $error->isTooLarge()) {
            $this->client->heard->warn("refused: {$error->getMessage()}");
            return 400;
        }
        if ($decision ? $decision->source === Source::Fallback : !$error->isAnswer()) {
            $this->client->heard->warn("no answer: {$error->getMessage()}");
            return 503;
        }
        throw $error;
    }

    /**
     * The fields of a page with those of an answer that passed: Vary and Cache-Control replace the page's own, Set-Cookie is added.
     *
     * @param list<array{string, string}> $added the answer's
     * @param callable(string): list<string> $ofPage the page's lines of a name
     * @return list<array{string, string}>
     */
    public static function merged(array $added, callable $ofPage): array
    {
        $lines = fn (string $name) => array_column(array_filter($added, fn (array $line) => strcasecmp($line[0], $name) === 0), 1);
        [$vary, $caching] = [$lines('Vary'), $lines('Cache-Control')];
        return [
            ...($vary ? [['Vary', self::mergedVary([...$ofPage('Vary'), ...$vary])]] : []),
            ...($caching ? [['Cache-Control', self::mergedCacheControl($ofPage('Cache-Control'), $caching)]] : []),
            ...array_map(fn (string $line) => ['Set-Cookie', $line], $lines('Set-Cookie')),
        ];
    }

    // Each name once, whatever its case; "*" replaces all (RFC 9110 §12.5.5).
    private static function mergedVary(array $lines): string
    {
        $names = [];
        foreach (array_filter(array_map(trim(...), explode(',', implode(',', $lines))), strlen(...)) as $name) {
            $names[strtolower($name)] ??= $name;
        }
        return isset($names['*']) ? '*' : implode(', ', $names);
    }

    // The stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2).
    private static function mergedCacheControl(array $page, array $added): string
    {
        [$own, $ours] = [self::directives($page), self::directives($added)];
        if (in_array('no-store', $ours, true) && !in_array('no-store', $own, true)) {
            return implode(', ', array_keys($ours));
        }
        if (!in_array('private', $ours, true) || in_array('no-store', $own, true)) {
            return implode(', ', array_keys($own ?: $ours));
        }
        return implode(', ', [...array_keys(array_diff($own, ['public', 's-maxage', 'private'])), 'private']);
    }

    /** @return array<string, string> each directive as it stands, and its name */
    private static function directives(array $lines): array
    {
        preg_match_all('/(?:[^",]|"(?:[^"\\\\]|\\\\.)*"?)+/s', implode(',', $lines), $found);
        $texts = array_filter(array_map(trim(...), $found[0]), strlen(...));
        return array_combine($texts, array_map(fn (string $text) => strtolower(trim(explode('=', $text)[0])), $texts));
    }

    private function response(array $question): Decision
    {
        $decision = $this->client->decide($question);
        return $decision->mustSend() ? $decision : throw new NotSent($decision);
    }

    private function asked(Request $request): array
    {
        $sent = [...self::SENT_FIELDS, ...array_map(strtolower(...), $this->fields)];
        $fields = array_filter($request->fields, fn (array $line) => in_array(strtolower($line[0]), $sent, true));
        $protocol = match (true) {
            $request->protocol === 'HTTP/1.0' => ['protocol' => 'http_1_0'],
            str_starts_with($request->protocol, 'HTTP/2') => ['protocol' => 'http_2'],
            str_starts_with($request->protocol, 'HTTP/3') => ['protocol' => 'http_3'],
            default => [],
        };
        $lines = array_map(fn (array $line) => Json::line(...$line), array_values($fields));
        return ['method' => $request->method, 'url' => $request->url, 'headers' => $lines] + $protocol;
    }

    private function mayMatch(Request $request): bool
    {
        if (!preg_match('~^(https?)://[^/?#]+(/[^?#]*)~i', $request->url, $parts)) {
            return false; // Without a host (HTTP/1.0), or "*".
        }
        [, $scheme, $path] = $parts;
        $forwarded = strtolower(trim(explode(',', $request->field('X-Forwarded-Proto') ?? '')[0]));
        if ($forwarded !== '' && $forwarded !== $scheme) {
            $this->client->heard->sparingly('proto', fn () => $this->client->heard->warn(
                'X-Forwarded-Proto is "' . substr($forwarded, 0, 10) . "\" and the URL's scheme is $scheme: tell the framework of its proxy (README, behind a proxy)"
            ));
        }
        $isPreflight = $request->method === 'OPTIONS' && $request->field('Access-Control-Request-Method') !== null;
        $isBelow = fn (string $prefix) => $path === $prefix || str_starts_with($path, rtrim($prefix, '/') . '/');
        $isExempt = !preg_match(self::DOTS, $path) && array_filter($this->exempt, $isBelow);
        return !in_array($request->method, ['CONNECT', 'TRACE'], true) && !$isPreflight && !$isExempt;
    }

    private static function isOfTheVisitor(FingerpostError $error): bool
    {
        $fields = array_map(fn (Violation $one) => $one->field, $error->violations);
        return $error->getCode() === 'INVALID_ARGUMENT' && $fields && count(preg_grep(self::VISITORS, $fields)) === count($fields);
    }
}

/** Plain PHP: answers are written with header(). */
final class Page
{
    private readonly Web $web;
    private readonly Request $request;

    /**
     * @param ?string $origin `https://shop.example.com`: what visitors ask, behind a proxy that ends TLS
     * @param list<string> $fields request fields that the policy's rules look at, besides those that are always sent
     * @param list<string> $exempt paths that the rules never see, with everything below them
     */
    public function __construct(Client $client, ?string $origin = null, array $fields = [], array $exempt = [])
    {
        $this->web = new Web($client, $fields, $exempt);
        $this->request = Request::fromGlobals($origin);
    }

    /** Asks the policy's rules. True: the response is written, and the program ends here. False: the page goes on, and gets the answer's fields. */
    public function rules(): bool
    {
        try {
            $decision = $this->web->rules($this->request);
        } catch (FingerpostError $error) {
            $this->explain($error);
            return true;
        }
        if ($decision?->mustSend()) {
            self::write($decision);
            return true;
        }
        if ($decision?->headers) {
            header_register_callback(fn () => self::add($decision->headers));
        }
        return false;
    }

    /** Writes the response to an intent. 400 for a visitor's unsafe target, 503 without an answer; throws if the program is wrong. */
    public function redirect(Purpose|string $purpose, string|\Stringable $target = '', mixed ...$modifiers): void
    {
        $this->answer(fn () => $this->web->redirect($this->request, $purpose, $target, $modifiers));
    }

    /** Writes the response to one of the policy's named intents. */
    public function named(string $name, string ...$parameters): void
    {
        $this->answer(fn () => $this->web->named($this->request, $name, $parameters));
    }

    /** Back to where a login came from, if that is safe; to $or if it is unsafe or missing. */
    public function back(?string $next, string $or = '/'): void
    {
        $this->answer(fn () => $this->web->back($this->request, $next, $or));
    }

    /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
    public function flash(): string
    {
        [$text, $clear] = Web::flash($this->request->field('Cookie'));
        if ($clear !== '') {
            header("Set-Cookie: $clear", false);
        }
        return $text;
    }

    /** Writes a decision that must be sent, unchanged. */
    public static function write(Decision $decision): void
    {
        if (!$decision->mustSend()) {
            throw new NotSent($decision);
        }
        Bare::mime();
        foreach (array_unique(array_map(strtolower(...), array_column($decision->headers, 0))) as $name) {
            $name === 'set-cookie' || header_remove($name); // What a session or the page wrote before.
        }
        foreach ($decision->headers as [$name, $value]) {
            header("$name: $value", false);
        }
        http_response_code($decision->status); // Last, because header() makes a Location 302.
        echo $decision->body;
    }

    private function answer(\Closure $ask): void
    {
        try {
            self::write($ask());
        } catch (FingerpostError $error) {
            $this->explain($error);
        }
    }

    private function explain(FingerpostError $error): void
    {
        $status = $this->web->statusOf($error);
        header('Content-Type: text/plain; charset=utf-8');
        header('Cache-Control: no-store');
        $status === 503 && header('Retry-After: ' . Web::RETRY_AFTER);
        http_response_code($status);
        echo $status === 400 ? Web::REFUSED : Web::UNAVAILABLE, "\n";
    }

    private static function add(array $added): void
    {
        $ofPage = fn (string $name) => array_values(array_filter(array_map(
            fn (string $line) => strncasecmp($line, "$name:", strlen($name) + 1) === 0 ? trim(substr($line, strlen($name) + 1)) : '',
            headers_list(),
        ), strlen(...)));
        foreach (Web::merged($added, $ofPage) as [$name, $value]) {
            header("$name: $value", $name !== 'Set-Cookie');
        }
    }
}

/** @internal */
final class Bare
{
    /** PHP adds no Content-Type of its own, and no charset to the answer's. */
    public static function mime(): void
    {
        ini_set('default_mimetype', '');
        ini_set('default_charset', '');
        ini_set('zlib.output_compression', '0');
    }
}

if (interface_exists(\Psr\Http\Message\ResponseFactoryInterface::class)) {
    /** PSR-7: the answers as responses, made by PSR-17 factories. With PSR-15 installed, Middleware asks the rules. */
    class Psr7
    {
        protected readonly Web $web;

        /**
         * @param list<string> $fields request fields that the policy's rules look at, besides those that are always sent
         * @param list<string> $exempt paths that the rules never see, with everything below them
         */
        public function __construct(
            Client $client,
            private readonly \Psr\Http\Message\ResponseFactoryInterface $responses,
            private readonly \Psr\Http\Message\StreamFactoryInterface $streams,
            array $fields = [],
            array $exempt = [],
        ) {
            $this->web = new Web($client, $fields, $exempt);
        }

        /** The response to an intent: 400 for a visitor's unsafe target, 503 without an answer. Throws if the program is wrong. */
        public function redirect(
            \Psr\Http\Message\ServerRequestInterface $request,
            Purpose|string $purpose,
            string|\Stringable $target = '',
            mixed ...$modifiers,
        ): \Psr\Http\Message\ResponseInterface {
            return $this->answer(fn () => $this->web->redirect(Request::fromPsr7($request), $purpose, $target, $modifiers));
        }

        /** The response to one of the policy's named intents. */
        public function named(\Psr\Http\Message\ServerRequestInterface $request, string $name, string ...$parameters): \Psr\Http\Message\ResponseInterface
        {
            return $this->answer(fn () => $this->web->named(Request::fromPsr7($request), $name, $parameters));
        }

        /** Back to where a login came from, if that is safe; to $or if it is unsafe or missing. */
        public function back(\Psr\Http\Message\ServerRequestInterface $request, ?string $next, string $or = '/'): \Psr\Http\Message\ResponseInterface
        {
            return $this->answer(fn () => $this->web->back(Request::fromPsr7($request), $next, $or));
        }

        /** @return array{string, string} the flash message, to be escaped, and the value of the response's Set-Cookie that clears it; or two empty texts */
        public function flash(\Psr\Http\Message\ServerRequestInterface $request): array
        {
            return Web::flash($request->getHeaderLine('Cookie'));
        }

        /** A decision that must be sent, as a response. */
        public function response(Decision $decision): \Psr\Http\Message\ResponseInterface
        {
            if (!$decision->mustSend()) {
                throw new NotSent($decision);
            }
            return $this->made($decision->status, $decision->headers, $decision->body);
        }

        protected function answer(\Closure $ask): \Psr\Http\Message\ResponseInterface
        {
            try {
                return $this->response($ask());
            } catch (FingerpostError $error) {
                return $this->explained($error);
            }
        }

        protected function explained(FingerpostError $error): \Psr\Http\Message\ResponseInterface
        {
            $status = $this->web->statusOf($error);
            $fields = [['Content-Type', 'text/plain; charset=utf-8'], ['Cache-Control', 'no-store'], ...($status === 503 ? [['Retry-After', (string) Web::RETRY_AFTER]] : [])];
            return $this->made($status, $fields, ($status === 400 ? Web::REFUSED : Web::UNAVAILABLE) . "\n");
        }

        private function made(int $status, array $fields, string $body): \Psr\Http\Message\ResponseInterface
        {
            $response = $this->responses->createResponse($status)->withBody($this->streams->createStream($body));
            foreach ($fields as [$name, $value]) {
                $response = $response->withAddedHeader($name, $value);
            }
            return $response;
        }
    }
}

if (class_exists(Psr7::class, false) && interface_exists(\Psr\Http\Server\MiddlewareInterface::class)) {
    /** PSR-15: asks the policy's rules about every request. */
    final class Middleware extends Psr7 implements \Psr\Http\Server\MiddlewareInterface
    {
        public function process(
            \Psr\Http\Message\ServerRequestInterface $request,
            \Psr\Http\Server\RequestHandlerInterface $handler,
        ): \Psr\Http\Message\ResponseInterface {
            try {
                $decision = $this->web->rules(Request::fromPsr7($request));
            } catch (FingerpostError $error) {
                return $this->explained($error);
            }
            if ($decision?->mustSend()) {
                return $this->response($decision);
            }
            $page = $handler->handle($request);
            foreach (Web::merged($decision?->headers ?? [], $page->getHeader(...)) as [$name, $value]) {
                $page = $name === 'Set-Cookie' ? $page->withAddedHeader($name, $value) : $page->withHeader($name, $value);
            }
            return $page;
        }
    }
}

if (class_exists(\Symfony\Component\HttpFoundation\Response::class)) {
    /** @internal A response that is written as it stands: Symfony rewrites Cache-Control, cookies, charsets, and adds fields. */
    final class SymfonyResponse extends \Symfony\Component\HttpFoundation\Response
    {
        public function __construct(Decision $decision)
        {
            parent::__construct($decision->body, $decision->status);
            $this->headers = new SymfonyFields($decision->headers);
        }

        public function prepare(\Symfony\Component\HttpFoundation\Request $request): static
        {
            return $this->setProtocolVersion($request->server->get('SERVER_PROTOCOL') === 'HTTP/1.0' ? '1.0' : '1.1');
        }

        public function sendHeaders(?int $statusCode = null): static
        {
            Bare::mime();
            return parent::sendHeaders();
        }
    }

    /** @internal */
    final class SymfonyFields extends \Symfony\Component\HttpFoundation\ResponseHeaderBag
    {
        /** @var list<string> Lines that no middleware encrypts: a reader of the flash message has no key. */
        private array $lines = [];

        /** @param list<array{string, string}> $fields */
        public function __construct(array $fields)
        {
            parent::__construct();
            $this->remove('Date');
            $this->remove('Cache-Control');
            foreach ($fields as [$name, $value]) {
                strcasecmp($name, 'Set-Cookie') === 0 ? $this->lines[] = $value : $this->set($name, $value, false);
            }
        }

        public function all(?string $key = null): array
        {
            $isCookies = $key !== null && strcasecmp($key, 'Set-Cookie') === 0;
            return $isCookies ? [...parent::all($key), ...$this->lines] : parent::all($key);
        }

        public function allPreserveCaseWithoutCookies(): array
        {
            return parent::allPreserveCaseWithoutCookies() + ($this->lines ? ['Set-Cookie' => $this->lines] : []);
        }

        protected function computeCacheControlValue(): string
        {
            return '';
        }
    }

    /** @internal A Set-Cookie line that is written as it stands. */
    final class SymfonyCookie extends \Symfony\Component\HttpFoundation\Cookie
    {
        public function __construct(private readonly string $line)
        {
            parent::__construct(explode('=', $line, 2)[0], '', 0, '/', null, null, true, true);
        }

        public function __toString(): string
        {
            return $this->line;
        }
    }

    /** The helper for Symfony and Laravel. As an event subscriber in Symfony, or as a global middleware in Laravel, it asks the policy's rules. */
    class Symfony
    {
        private const ADDED = 'fingerpost.added';
        private readonly Web $web;

        /**
         * @param list<string> $fields request fields that the policy's rules look at, besides those that are always sent
         * @param list<string> $exempt paths that the rules never see, with everything below them
         */
        public function __construct(Client $client, array $fields = [], array $exempt = [])
        {
            $this->web = new Web($client, $fields, $exempt);
        }

        /** The response to an intent. Throws the framework's 400 for a visitor's unsafe target, its 503 without an answer. */
        public function redirect(
            \Symfony\Component\HttpFoundation\Request $request,
            Purpose|string $purpose,
            string|\Stringable $target = '',
            mixed ...$modifiers,
        ): \Symfony\Component\HttpFoundation\Response {
            return $this->answer(fn () => $this->web->redirect(Request::fromSymfony($request), $purpose, $target, $modifiers));
        }

        /** The response to one of the policy's named intents. */
        public function named(\Symfony\Component\HttpFoundation\Request $request, string $name, string ...$parameters): \Symfony\Component\HttpFoundation\Response
        {
            return $this->answer(fn () => $this->web->named(Request::fromSymfony($request), $name, $parameters));
        }

        /** Back to where a login came from, if that is safe; to $or if it is unsafe or missing. */
        public function back(\Symfony\Component\HttpFoundation\Request $request, ?string $next, string $or = '/'): \Symfony\Component\HttpFoundation\Response
        {
            return $this->answer(fn () => $this->web->back(Request::fromSymfony($request), $next, $or));
        }

        /** The flash message, once: the response clears it. Empty if there is none. Escape it. */
        public function flash(\Symfony\Component\HttpFoundation\Request $request): string
        {
            [$text, $clear] = Web::flash($request->headers->get('Cookie'));
            if ($clear !== '') {
                $this->later($request, [['Set-Cookie', $clear]]);
            }
            return $text;
        }

        /** Laravel's middleware: first in the kernel's $middleware, so that error pages get the fields, too. */
        public function handle(\Symfony\Component\HttpFoundation\Request $request, \Closure $next): \Symfony\Component\HttpFoundation\Response
        {
            $response = $this->ruled($request) ?? $next($request);
            $this->finish($request, $response);
            return $response;
        }

        /** @internal */
        public function onRequest(\Symfony\Component\HttpKernel\Event\RequestEvent $event): void
        {
            if ($event->isMainRequest() && ($response = $this->ruled($event->getRequest())) !== null) {
                $event->setResponse($response);
            }
        }

        /** @internal */
        public function onResponse(\Symfony\Component\HttpKernel\Event\ResponseEvent $event): void
        {
            if ($event->isMainRequest()) {
                $this->finish($event->getRequest(), $event->getResponse());
            }
        }

        /** Before the router and the session, after the trusted proxies; and last, so that it merges what other listeners set. */
        public static function getSubscribedEvents(): array
        {
            return ['kernel.request' => ['onRequest', 512], 'kernel.response' => ['onResponse', -1024]];
        }

        private function ruled(\Symfony\Component\HttpFoundation\Request $request): ?\Symfony\Component\HttpFoundation\Response
        {
            try {
                $asked = Request::fromSymfony($request);
            } catch (\Symfony\Component\HttpFoundation\Exception\RequestExceptionInterface) {
                return null; // A Host that the framework itself refuses.
            }
            try {
                $decision = $this->web->rules($asked);
            } catch (FingerpostError $error) {
                throw $this->exception($error);
            }
            if ($decision?->mustSend()) {
                return new SymfonyResponse($decision);
            }
            $this->later($request, $decision?->headers ?? []);
            return null;
        }

        private function later(\Symfony\Component\HttpFoundation\Request $request, array $fields): void
        {
            $request->attributes->set(self::ADDED, [...$request->attributes->get(self::ADDED, []), ...$fields]);
        }

        private function finish(\Symfony\Component\HttpFoundation\Request $request, \Symfony\Component\HttpFoundation\Response $response): void
        {
            $added = $request->attributes->get(self::ADDED, []);
            $request->attributes->remove(self::ADDED);
            foreach (Web::merged($added, fn (string $name) => array_values(array_filter($response->headers->all($name), is_string(...)))) as [$name, $value]) {
                $name === 'Set-Cookie' ? $response->headers->setCookie(new SymfonyCookie($value)) : $response->headers->set($name, $value);
            }
        }

        private function answer(\Closure $ask): SymfonyResponse
        {
            try {
                return new SymfonyResponse($ask());
            } catch (FingerpostError $error) {
                throw $this->exception($error);
            }
        }

        private function exception(FingerpostError $error): \Throwable
        {
            return $this->web->statusOf($error) === 400
                ? new \Symfony\Component\HttpKernel\Exception\BadRequestHttpException(Web::REFUSED)
                : new \Symfony\Component\HttpKernel\Exception\ServiceUnavailableHttpException(Web::RETRY_AFTER, Web::UNAVAILABLE);
        }
    }

    if (interface_exists(\Symfony\Component\EventDispatcher\EventSubscriberInterface::class)) {
        /** Symfony, for its container: a service that listens by itself. */
        final class SymfonySubscriber extends Symfony implements \Symfony\Component\EventDispatcher\EventSubscriberInterface
        {
        }
    }
}

if (interface_exists(\Psr\Http\Client\ClientInterface::class)) {
    /** A redirect that must not be followed, or a first URL that must not be requested. `hop` says why; `response` is the redirect, or null. */
    final class Stopped extends FingerpostError implements \Psr\Http\Client\RequestExceptionInterface
    {
        public function __construct(
            public readonly Hop $hop,
            private readonly \Psr\Http\Message\RequestInterface $request,
            public readonly ?\Psr\Http\Message\ResponseInterface $response,
        ) {
            parent::__construct($hop->stop, $hop->message, $hop->stop);
        }

        /** The request that was answered. */
        public function getRequest(): \Psr\Http\Message\RequestInterface
        {
            return $this->request;
        }
    }

    /**
     * Safe following. Each redirect is the service's to decide, under STRICT; secrets stay in this process, on their origin.
     *
     *     new Following($client, $factory, $psr18)    // a PSR-18 client that follows, around one that does not
     *     Following::inGuzzle($stack, $client, $factory) // in a handler stack, in the place of Guzzle's own
     */
    final class Following implements \Psr\Http\Client\ClientInterface
    {
        // What Follow reads of a response. Set-Cookie is not among it: whoever keeps the cookies keeps their values.
        private const READ = ['location', 'referrer-policy', 'retry-after'];

        /** @param array<string, mixed> $options FollowOptions, without `profile`: `['limit' => 5, 'trusted_origins' => ['https://api.example.com']]` */
        public function __construct(
            private readonly Client $client,
            private readonly \Psr\Http\Message\UriFactoryInterface&\Psr\Http\Message\StreamFactoryInterface $factory,
            private readonly ?\Psr\Http\Client\ClientInterface $inner = null,
            private readonly array $options = [],
        ) {
            if (isset($options['profile'])) {
                throw new \ValueError('options.profile: another client\'s habits are no way to send a request');
            }
        }

        /**
         * Replaces Guzzle's own following. `allow_redirects => false` still means that nothing is followed; the other settings are not read.
         *
         * @param array<string, mixed> $options FollowOptions, without `profile`
         */
        public static function inGuzzle(\GuzzleHttp\HandlerStack $stack, Client $client, \Psr\Http\Message\UriFactoryInterface&\Psr\Http\Message\StreamFactoryInterface $factory, array $options = []): void
        {
            $following = new self($client, $factory, null, $options);
            $stack->remove('allow_redirects');
            // Outside of the cookies, as Guzzle's own: each hop gets the jar's anew, and no question has them.
            $stack->before('cookies', fn (callable $handler) => function ($request, array $settings) use ($following, $handler) {
                if (($settings['allow_redirects'] ?? true) === false) {
                    return $handler($request, $settings);
                }
                $following->mayBegin($request);
                return $following->walked($handler, $request, $settings, []);
            }, 'fingerpost');
        }

        public function sendRequest(\Psr\Http\Message\RequestInterface $request): \Psr\Http\Message\ResponseInterface
        {
            $this->mayBegin($request);
            $chain = [];
            while (self::isRedirect($response = $this->inner->sendRequest($request))) {
                $hop = $this->hop($request, $response, $chain);
                if ($hop->next === null && !$hop->failed) {
                    return $response;
                }
                $request = $this->next($hop, $request, $response);
                $chain = self::withoutCookies($hop->chain);
            }
            return $response;
        }

        private function walked(callable $handler, \Psr\Http\Message\RequestInterface $request, array $settings, array $chain): mixed
        {
            return $handler($request, $settings)->then(function ($response) use ($handler, $request, $settings, $chain) {
                if (!self::isRedirect($response)) {
                    return $response;
                }
                $hop = $this->hop($request, $response, $chain);
                if ($hop->next === null && !$hop->failed) {
                    return $response;
                }
                $next = $this->next($hop, $request, $response);
                if (!$this->isHome($request, $next)) { // Credentials that are no fields, for the origin that is left.
                    unset($settings['cert'], $settings['ssl_key'], $settings['auth'], $settings['curl'][CURLOPT_USERPWD], $settings['curl'][CURLOPT_HTTPAUTH]);
                }
                return $this->walked($handler, $next, $settings, self::withoutCookies($hop->chain));
            });
        }

        /** options.targets is about the first URL, too. */
        private function mayBegin(\Psr\Http\Message\RequestInterface $request): void
        {
            if (isset($this->options['targets'])) {
                $asked = ['method' => $request->getMethod(), 'url' => (string) $request->getUri()];
                $hop = $this->client->follow(['request' => $asked, 'options' => $this->options, 'unsent' => true]);
                $hop->next !== null || throw new Stopped($hop, $request, null);
            }
        }

        private function hop(\Psr\Http\Message\RequestInterface $request, \Psr\Http\Message\ResponseInterface $response, array $chain): Hop
        {
            $body = $request->getBody();
            $asked = ['method' => $request->getMethod(), 'url' => (string) $request->getUri(), 'headers' => []];
            $asked['body'] = $body->getSize() === 0 ? 'none' : ($body->isSeekable() ? 'replayable' : 'one_shot');
            foreach (self::lines($request) as [$name, $value]) {
                $isItsOwn = strcasecmp($name, 'Host') === 0 && strcasecmp($value, self::authority($request->getUri())) === 0;
                $isItsOwn || $asked['headers'][] = Json::line($name, $value);
            }
            $answered = ['status' => $response->getStatusCode(), 'headers' => []];
            foreach (self::lines($response) as [$name, $value]) {
                in_array(strtolower($name), self::READ, true) && $answered['headers'][] = Json::line($name, $value);
            }
            $question = ['request' => $asked, 'response' => $answered];
            return $this->client->follow($question + ($chain ? ['chain' => $chain] : []) + ($this->options ? ['options' => $this->options] : []));
        }

        private function next(Hop $hop, \Psr\Http\Message\RequestInterface $request, \Psr\Http\Message\ResponseInterface $response): \Psr\Http\Message\RequestInterface
        {
            if ($hop->next === null) {
                throw new Stopped($hop, $request, $response);
            }
            $response->getBody()->close();
            try {
                $uri = $this->factory->createUri($hop->next['url']);
            } catch (\InvalidArgumentException $wrong) {
                throw new Stopped(new Hop(null, 'INVALID_LOCATION', "the next URL cannot be requested: {$wrong->getMessage()}", true), $request, $response);
            }
            $next = $request;
            foreach (array_keys($request->getHeaders()) as $name) {
                $next = $next->withoutHeader((string) $name);
            }
            $next = $next->withMethod($hop->next['method'])->withUri($uri);
            $isHome = $this->isHome($request, $next);
            foreach ($hop->next['headers'] as [$name, $value]) {
                // Whatever was answered: a secret stays at home.
                if ($isHome || !in_array(strtolower($name), Secrets::names($this->options), true)) {
                    $next = strcasecmp($name, 'Host') === 0 ? $next->withHeader($name, $value) : $next->withAddedHeader($name, $value);
                }
            }
            if ($hop->dropsBody) {
                return $next->withBody($this->factory->createStream());
            }
            $next->getBody()->isSeekable() && $next->getBody()->rewind();
            return $next;
        }

        private function isHome(\Psr\Http\Message\RequestInterface $request, \Psr\Http\Message\RequestInterface $next): bool
        {
            return Secrets::sameOrigin((string) $request->getUri(), (string) $next->getUri(), $this->options['trusted_origins'] ?? []);
        }

        /** 304 answers a condition and leads nowhere (RFC 9110 §15.4.5). */
        private static function isRedirect(\Psr\Http\Message\ResponseInterface $response): bool
        {
            return $response->getStatusCode() >= 300 && $response->getStatusCode() <= 399 && $response->getStatusCode() !== 304;
        }

        /** @return list<array{string, string}> */
        private static function lines(\Psr\Http\Message\MessageInterface $message): array
        {
            $lines = [];
            foreach ($message->getHeaders() as $name => $values) {
                array_push($lines, ...array_map(fn (string $value) => [(string) $name, $value], array_values($values)));
            }
            return $lines;
        }

        private static function authority(\Psr\Http\Message\UriInterface $uri): string
        {
            return $uri->getHost() . ($uri->getPort() === null ? '' : ":{$uri->getPort()}");
        }

        // With cookies in the chain, Cookie's value would travel to the service.
        private static function withoutCookies(array $chain): array
        {
            return array_diff_key($chain, ['cookies' => 1]);
        }
    }
}
