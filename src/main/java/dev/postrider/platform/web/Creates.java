package dev.postrider.platform.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a route that takes an idempotency key answers, as the {@code data} of the envelope, for the
 * OpenAPI document. Such answers are written as the bytes that a replay of their key gets again.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Creates {
  Class<?> value();

  /** 200 where something that was there before is told again, or changed. */
  int status() default 201;

  /** Whether each part stands for itself, so that 422 with none of them made has the same form. */
  boolean partly() default false;
}
