<?php

// Debian's frameworks, and then the package, whose parts for them exist where they do.

declare(strict_types=1);

require_once 'Illuminate/autoload.php';
require_once 'Symfony/Component/HttpKernel/autoload.php';
require_once 'Symfony/Component/EventDispatcher/autoload.php';
require_once 'GuzzleHttp/autoload.php';
require_once 'Psr/Http/Client/autoload.php';
require_once __DIR__ . '/../../../client/php/Fingerpost.php';
