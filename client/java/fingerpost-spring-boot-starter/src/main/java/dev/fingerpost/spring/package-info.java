/**
 * Fingerpost for Spring Boot: controllers return a {@link dev.fingerpost.Redirect}, and the policy's rules come before every page.
 */
@NullMarked
package dev.fingerpost.spring;

import org.jspecify.annotations.NullMarked;
