package dev.fingerpost;

/**
 * A field line of an answer.
 *
 * @param name a token (RFC 9110 §5.6.2)
 * @param value one character for each octet, without control characters
 */
public record Field(String name, String value) {}
