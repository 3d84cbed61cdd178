package dev.postrider;

import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Text;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
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
      if (cause instanceof BindException bind && !hasSetting(bind)) {
        return unreadable(bind);
      }
    }
    return null;
  }

  /** A rule of ours says more than that something could not be bound. */
  private static boolean hasSetting(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingsException) {
        return true;
      }
    }
    return false;
  }

  private static SettingsException unreadable(BindException bind) {
    ConfigurationProperty property = bind.getProperty();
    String name = property == null ? bind.getName().toString() : property.getName().toString();
    return new SettingsException(
        name,
        property == null
            ? "cannot be read"
            : "is '"
                + Text.cleaned(property.getValue().toString(), 100)
                + "', which is no "
                + word(bind.getTarget().getType().resolve(Object.class)),
        "See docs/configuration.md.");
  }

  private static String word(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "Duration" -> "time such as 500ms, 30s or 5m";
      case "int", "long" -> "whole number";
      default -> type.getSimpleName();
    };
  }
}
