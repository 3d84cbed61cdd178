package dev.postrider.platform.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a route answers with 201, as the {@code data} of the envelope, for the OpenAPI document.
 * Such answers are written as the bytes that a replay of their idempotency key would get again.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Creates {
  Class<?> value();

  /** Whether each part stands for itself, so that 422 with none of them made has the same form. */
  boolean partly() default false;
}
