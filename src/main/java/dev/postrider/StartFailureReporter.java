package dev.postrider;

import dev.postrider.platform.SettingsException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;

/** Keeps Spring Boot quiet about a bad setting: {@code main} says it in one line. */
public final class StartFailureReporter implements SpringBootExceptionReporter {

  public StartFailureReporter(@Nullable ConfigurableApplicationContext ignored) {}

  @Override
  public boolean reportException(Throwable failure) {
    return setting(failure) != null;
  }

  static @Nullable SettingsException setting(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingsException setting) {
        return setting;
      }
    }
    return null;
  }
}
