<?php

// The example shop in plain PHP: `php client/php/examples/plain_shop.php`, with `fingerpostd --http-listen 127.0.0.1:8080`.

declare(strict_types=1);

require __DIR__ . '/../Fingerpost.php';
require __DIR__ . '/shop.php';
require __DIR__ . '/serve.php';

if (PHP_SAPI === 'cli') {
    serve(__FILE__);
}

$fp = new Fingerpost\Page(Shop\client(), fields: Shop\FIELDS);
if ($fp->rules()) {
    return;
}

$path = explode('?', $_SERVER['REQUEST_URI'])[0];
$number = preg_match('~^/(?:orders|thanks)/(\d+)(?:/confirmation)?$~D', $path, $found) ? (int) $found[1] : 0;
$content = file_get_contents('php://input');

switch ("{$_SERVER['REQUEST_METHOD']} " . ($number ? str_replace("/$number", '/N', $path) : $path)) {
    case 'GET /':
        echo Shop\home();
        break;

    case 'GET /orders':
        echo Shop\orderList();
        break;

    case 'POST /orders': // The order: 303 to its confirmation, which shows the message once.
        $item = $_POST['item'];
        $number = Shop\place($item);
        if (Shop\isAntiPattern()) {
            echo Shop\confirmation($number, "Order placed: $item");
        } else {
            $fp->redirect('form_result', "/orders/$number/confirmation", flash: "Order placed: $item");
        }
        break;

    case 'GET /orders/N/confirmation':
        echo Shop\confirmation($number, $fp->flash());
        break;

    case 'DELETE /orders/N': // Destroy: 303, so that the browser does not repeat the DELETE at the list.
        Shop\destroy($number);
        $fp->redirect('form_result', '/orders');
        break;

    case 'POST /checkout': // Moved for a while (307) and for good (308): both keep the method and the content.
        $fp->redirect('temporary_move', '/orders');
        break;

    case 'POST /cart':
        $fp->redirect('permanent_move', '/orders');
        break;

    case 'POST /webhooks': // The webhook: 307 keeps the event. Its sender is known to follow; most do not.
        $fp->redirect('reroute', '/v2/webhooks', redirect_capable: true);
        break;

    case 'POST /v2/webhooks':
        header('Content-Type: text/plain');
        echo $content;
        break;

    case 'GET /spring-sale': // The campaign: 302.
        $fp->redirect('campaign', '/products?promo=spring');
        break;

    case 'GET /products':
        foreach (Shop\OF_PRODUCTS as $name => $value) {
            header("$name: $value");
        }
        echo Shop\products($_GET['promo'] ?? '');
        break;

    case 'POST /go': // Where the visitor wants to go: 303, or 400 where that is not safe.
        $fp->redirect('form_result', $_GET['next']);
        break;

    case 'GET /back': // Back to where a login came from: 303, never elsewhere.
    case 'POST /back':
        $fp->back($_GET['next'] ?? null, or: '/orders');
        break;

    case 'POST /thanks/N': // The policy says where this leads.
        $fp->named('order-placed', id: (string) $number);
        break;

    case 'GET /login':
        echo Shop\loginForm($_GET['redirect_uri'] ?? Shop\registered($_SERVER['SERVER_PORT'])[0], $_GET['state'] ?? '');
        break;

    case 'POST /login': // The OAuth login: 303, so that the password does not travel on.
        $fp->redirect(
            'authorization_response',
            $_POST['redirect_uri'],
            redirect_uris: Shop\registered($_SERVER['SERVER_PORT']),
            response_parameters: Shop\login($_POST['state']),
        );
        break;

    case 'GET /callback':
    case 'POST /callback':
        echo Shop\received($_SERVER['REQUEST_METHOD'], $_SERVER['QUERY_STRING'] ?? '', $content);
        break;

    default:
        http_response_code(404);
        header('Content-Type: text/plain');
        echo "Not found\n";
}
