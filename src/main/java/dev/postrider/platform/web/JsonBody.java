package dev.postrider.platform.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a route reads from its body, for the OpenAPI document. Bodies are read by {@link Body}
 * rather than bound by the framework: the limit, the strictness and the raw bytes (idempotency,
 * signatures) are ours.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface JsonBody {
  Class<?> value();
}
