package dev.postrider.app;

import org.jspecify.annotations.Nullable;

/**
 * Who is calling.
 *
 * @param app the application; null for the operator
 */
public record Caller(@Nullable AppId app) {
  static final Caller OPERATOR = new Caller(null);

  public boolean isOperator() {
    return app == null;
  }

  public boolean mayActFor(AppId other) {
    return app == null || app.equals(other);
  }
}
