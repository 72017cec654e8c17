/** What adapters for web frameworks share: questions from requests, fields from answers, and flash messages. */
@NullMarked
package dev.fingerpost.web;

import org.jspecify.annotations.NullMarked;
