package dev.fingerpost;

/**
 * One wrong field of a question.
 *
 * @param field path from the request: {@code intent.target}
 * @param description what was expected, and what was wrong
 */
public record Violation(String field, String description) {}
