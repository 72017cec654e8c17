/**
 * Fingerpost: HTTP redirects, decided by one service and, to the octet the same, by its engine in this process.
 *
 * <pre>{@code
 * try (Client client = Client.builder("127.0.0.1:50051", Transport.plaintext()).build()) {
 *   Decision decision = client.decide(Redirect.formResult("/orders/7829/confirmation").on("POST", "https://shop.example.com/orders"));
 * }
 * }</pre>
 *
 * <p>Questions are the generated messages of {@link dev.fingerpost.v1}. What every client promises: client/README.md.
 */
@NullMarked
package dev.fingerpost;

import org.jspecify.annotations.NullMarked;
