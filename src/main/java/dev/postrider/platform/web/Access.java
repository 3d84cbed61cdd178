package dev.postrider.platform.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Who may call a route. A route without one fails the build: nothing is open by oversight. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Access {
  Who value();

  /** Who a route is for. */
  enum Who {
    /** No credential is asked for. */
    ANYONE,
    /** The application named in the path, or the operator. */
    APP,
    /** The operator alone. */
    ADMIN
  }
}
